import { checkShape } from '../schema/check-shape.ts';
import {
  asStored,
  customFindings,
  customVersionOf,
  withCustomDefaults,
  withoutUnknown,
} from '../schema/custom/custom-object.ts';
import { fieldPathText } from '../schema/finding.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema, Subresource } from '../schema/schema.ts';
import { invalid, noSuchKind, refuseErrors } from './api-failures.ts';
import type { Caller } from './client.ts';
import { undecodable } from './undecodable.ts';
import { withoutUnknownFields } from './unknown-fields.ts';

/**
 * A custom resource as it is kept: what its version does not know is left out (or refused, as the caller asks), its defaults are
 * filled in, its values are checked, and what remains is put into the stored version. BadRequest, Invalid.
 */
export function readCustomObject(
  schema: Schema,
  kind: Kind,
  of: {
    readonly given: KubeObject;
    readonly caller: Caller;
    readonly subresource?: Subresource | undefined;
  },
): KubeObject {
  const { given, caller, subresource } = of;
  const version = customVersionOf(kind, given.apiVersion);
  if (version === undefined) throw noSuchKind(given.apiVersion, given.kind);
  const head = withoutUnknownFields(schema, kind, { object: given, given, caller });
  const { object, unknown } = withoutUnknown(kind, head);
  if (unknown.length > 0) {
    const texts = unknown.map((path) => `unknown field "${fieldPathText(path)}"`);
    switch (caller.fieldValidation) {
      case 'Strict':
        throw undecodable(kind, given, `strict decoding error: ${texts.join(', ')}`);
      case 'Warn':
        for (const text of texts) caller.onWarning?.(text);
        break;
      case 'Ignore':
        break;
      case undefined:
        throw invalid(
          kind,
          given.metadata.name ?? '',
          unknown.map((path) => ({
            reason: 'FieldValueInvalid',
            message: 'Invalid value: unknown field',
            field: fieldPathText(path),
          })),
        );
    }
  }
  const completed = withCustomDefaults(kind, object);
  const status = subresource === 'status';
  refuseErrors(kind, completed, [
    ...checkShape(schema, completed),
    ...customFindings(kind, completed, { status }),
  ]);
  return asStored(kind, completed);
}
