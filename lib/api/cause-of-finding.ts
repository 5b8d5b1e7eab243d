import { isArray, isObject, type JsonValue } from '../base/json.ts';
import { apiFieldText } from '../schema/api-field.ts';
import { type FieldPath, type Finding, fieldPathText } from '../schema/finding.ts';
import { nameWords } from '../schema/name-wording.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  requiredValue,
  type Wording,
} from '../schema/wording.ts';
import type { ApiCause } from './api-error.ts';

/**
 * A finding as a cause of a Status, in the words of Kubernetes: what it says of itself, else what its rule, the value in the object and
 * its message make. Source: field.ErrorType of apimachinery.
 */
export function causeOfFinding(
  finding: Finding,
  { schema, kind, object }: { readonly schema: Schema; readonly kind: Kind; readonly object: KubeObject },
): ApiCause {
  const { reason, message } = finding.wording ?? wordingOf(finding, object);
  return { reason, message, field: apiFieldText(schema, kind, fieldOf(finding, object)) };
}

/** Kinds whose spec is one field to those who may not change it, and what may be changed. Source: the validation of each. */
const CLOSED_SPECS: ReadonlyMap<string, string> = new Map([
  [
    'v1/Pod',
    'pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions), `spec.terminationGracePeriodSeconds` (to 1, if it was negative)',
  ],
  [
    'apps/v1/StatefulSet',
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ],
]);

function closedSpec({ ruleId, path }: Finding, { apiVersion, kind }: KubeObject): string | undefined {
  if (ruleId !== 'immutable-field' || path[0] !== 'spec' || path[1] === 'ephemeralContainers')
    return undefined;
  return CLOSED_SPECS.get(`${apiVersion}/${kind}`);
}

/** A label or annotation is told of at the map it stands in. */
function fieldOf(finding: Finding, object: KubeObject): FieldPath {
  const { ruleId, path, apiPath } = finding;
  if (apiPath !== undefined) return apiPath;
  if (closedSpec(finding, object) !== undefined) return ['spec'];
  return ruleId === 'invalid-label' || ruleId === 'invalid-annotation' ? path.slice(0, -1) : path;
}

function wordingOf(finding: Finding, object: KubeObject): Wording {
  const { ruleId, path } = finding;
  const value = hides(object, path) ? '' : valueAt(object, path);
  switch (ruleId) {
    case 'missing-field':
      return requiredValue();
    case 'duplicate-entry':
      return duplicateValue(value);
    case 'immutable-field': {
      const closed = closedSpec(finding, object);
      if (closed !== undefined) return forbiddenField(closed);
      const why = reasonIn(finding);
      return invalidValue(value, why.startsWith('cannot be changed') ? 'field is immutable' : why);
    }
    case 'invalid-label':
    case 'invalid-annotation': {
      const why = reasonIn(finding);
      return invalidValue(why.startsWith('has a bad key') ? String(path.at(-1)) : value, nameWords(why));
    }
    case 'needs-host-access':
      return forbiddenField(reasonIn(finding));
    default:
      return invalidValue(value, nameWords(reasonIn(finding)));
  }
}

/** The message without the field it begins with, and the value it ends with: both stand beside it. */
function reasonIn({ message, path }: Finding): string {
  const field = `${fieldPathText(path)} `;
  const text = message.startsWith(field) ? message.slice(field.length) : message;
  const end = text.lastIndexOf('; it is ');
  return (end < 0 ? text : text.slice(0, end)).replace(/\.$/, '');
}

/** What a Secret holds stands in no answer. */
function hides({ apiVersion, kind }: KubeObject, [first]: FieldPath): boolean {
  return apiVersion === 'v1' && kind === 'Secret' && (first === 'data' || first === 'stringData');
}

function valueAt(object: KubeObject, path: FieldPath): JsonValue | undefined {
  let at: JsonValue | undefined = object as JsonValue;
  for (const part of path) {
    if (isArray(at) && typeof part === 'number') at = at[part];
    else if (isObject(at)) at = Object.hasOwn(at, String(part)) ? at[part] : undefined;
    else return undefined;
  }
  return at;
}
