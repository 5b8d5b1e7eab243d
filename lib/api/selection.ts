import { type FieldSelector, matchesFieldSelector, parseFieldSelector } from '../schema/field-selector.ts';
import { parseLabelSelector, type Selector, selectorMatcher } from '../schema/label-selector.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';
import type { ListOptions } from './client.ts';
import { fieldsOf } from './selectable-fields.ts';

/** A list's or watch's choice among the objects of a kind. */
export type Selection = {
  /** No selector: every object is chosen. */
  readonly all: boolean;
  chooses(object: KubeObject): boolean;
};

/** BadRequest when a selector cannot be read, or names a field this kind cannot be selected by. */
export function selectionOf(
  kind: Kind,
  options: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
): Selection {
  const labels = readLabels(options.labelSelector ?? '');
  const fields = readFields(kind, options.fieldSelector ?? '');
  const matches = selectorMatcher(labels);
  return {
    all: labels?.length === 0 && fields.length === 0,
    chooses: (object) => matches(object.metadata.labels) && matchesFieldSelector(fields, object),
  };
}

function readLabels(text: string): Selector {
  const parsed = parseLabelSelector(text);
  if (parsed.error === undefined) return parsed.selector;
  throw new ApiError('BadRequest', `unable to parse the label selector: ${parsed.error}`);
}

function readFields(kind: Kind, text: string): FieldSelector {
  const parsed = parseFieldSelector(text);
  if ('error' in parsed) {
    throw new ApiError('BadRequest', `unable to parse the field selector: ${parsed.error}`);
  }
  const known = fieldsOf(kind);
  const stranger = parsed.terms.find((term) => !known.has(term.path));
  if (stranger === undefined) return parsed.terms;
  throw new ApiError('BadRequest', `field label not supported: ${stranger.path}`);
}
