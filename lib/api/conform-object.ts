import { checkRules } from '../schema/check-rules.ts';
import { checkShape } from '../schema/check-shape.ts';
import { checkUpdate } from '../schema/check-update.ts';
import { convertToStored } from '../schema/conversion.ts';
import { applyDefaults } from '../schema/defaults.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema, Subresource } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';
import { refuseErrors } from './api-failures.ts';
import type { Caller } from './client.ts';
import { readCustomObject } from './read-custom-object.ts';
import { withoutUnknownFields } from './unknown-fields.ts';

/** The object in the stored version, of the right shape. Throws Invalid with every error found, BadRequest as readStrictly does. */
export function readObject(
  schema: Schema,
  kind: Kind,
  of: {
    readonly given: KubeObject;
    readonly caller: Caller;
    readonly subresource?: Subresource | undefined;
    /** What is replaced: what was wrong with it before may stay so, in a custom resource. */
    readonly previous?: KubeObject | undefined;
  },
): KubeObject {
  if (kind.custom !== undefined) return readCustomObject(schema, kind, of);
  const { given, caller } = of;
  const { object, findings } = convertToStored(schema, given);
  if (object === undefined) {
    throw new ApiError('BadRequest', findings.map((finding) => finding.message).join(' '));
  }
  for (const { severity, message } of findings) if (severity === 'warning') caller.onWarning?.(message);
  const known = withoutUnknownFields(schema, kind, { object, given, caller });
  refuseErrors({ schema, kind, object: known }, [...findings, ...checkShape(schema, known)]);
  return known;
}

/** A copy with every default of its kind. The object has been read. */
export function withDefaults(schema: Schema, object: KubeObject): KubeObject {
  return applyDefaults(schema, object);
}

/** Throws Invalid with everything Kubernetes would refuse of the object beyond its shape, or of its change. */
export function checkObject(
  schema: Schema,
  kind: Kind,
  write: {
    readonly object: KubeObject;
    readonly previous: KubeObject | undefined;
    readonly subresource?: Subresource | undefined;
    /** Hears what is accepted and deserves a word. */
    readonly caller: Caller;
  },
): void {
  const { object, previous, subresource, caller } = write;
  const changes =
    previous === undefined
      ? []
      : checkUpdate(schema, { old: previous, new: object, ...(subresource && { subresource }) });
  const findings = checkRules(schema, object);
  refuseErrors({ schema, kind, object }, [...findings, ...changes]);
  for (const { severity, message } of findings) if (severity === 'warning') caller.onWarning?.(message);
}
