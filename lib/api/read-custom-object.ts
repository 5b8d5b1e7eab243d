import { deepEqual, isArray, isObject, type JsonValue } from '../base/json.ts';
import { checkShape } from '../schema/check-shape.ts';
import {
  asStored,
  customFindings,
  customVersionOf,
  withCustomDefaults,
  withoutUnknown,
} from '../schema/custom/custom-object.ts';
import { type FieldPath, fieldPathText } from '../schema/finding.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema, Subresource } from '../schema/schema.ts';
import { noSuchKind, refuseErrors } from './api-failures.ts';
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
    readonly previous?: KubeObject | undefined;
  },
): KubeObject {
  const { given, caller, subresource, previous } = of;
  const version = customVersionOf(kind, given.apiVersion);
  if (version === undefined) throw noSuchKind(given.apiVersion, given.kind);
  const object = knownPart(schema, kind, { given, caller });
  const completed = withCustomDefaults(kind, object);
  const status = subresource === 'status';
  // A definition that became stricter does not keep its objects from being changed elsewhere, or let go. Source: CRD ratcheting.
  const ratcheted = customFindings(kind, completed, { status }).filter(
    ({ path }) => previous === undefined || !isAsBefore(path, completed, previous),
  );
  refuseErrors({ schema, kind, object: completed }, [...checkShape(schema, completed), ...ratcheted]);
  return asStored(kind, completed);
}

/** What its version knows of a custom resource; of the rest is told, or it is refused, as the caller asks. BadRequest, Invalid. */
export function knownPart(
  schema: Schema,
  kind: Kind,
  { given, caller }: { readonly given: KubeObject; readonly caller: Caller },
): KubeObject {
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
      // Our own writers hand back what they read: what a definition no longer knows goes with the next write.
      case 'Ignore':
      case undefined:
        break;
    }
  }
  return object;
}

/** Whether the same wrong value stood there before; of what is missing, whether what lacks it did. */
function isAsBefore(path: FieldPath, now: KubeObject, before: KubeObject): boolean {
  const holder = path.slice(0, -1);
  const value = valueAt(now, path);
  return value === undefined
    ? deepEqual(valueAt(now, holder), valueAt(before, holder))
    : deepEqual(value, valueAt(before, path));
}

function valueAt(object: KubeObject, path: FieldPath): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((at, part) => {
    if (isArray(at) && typeof part === 'number') return at[part];
    return isObject(at) && Object.hasOwn(at, String(part)) ? at[part] : undefined;
  }, object as JsonValue);
}
