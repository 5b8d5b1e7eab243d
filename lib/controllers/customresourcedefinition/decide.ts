import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import { deepEqual, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { NameConflict } from '../../schema/custom-resources.ts';
import type { KubeObject } from '../../schema/object.ts';

/**
 * The status that a definition should have: its names once they are its own, the versions that objects are stored in, and the
 * conditions that say so. null: it has it. Source: the naming and establishing controllers of apiextensions-apiserver.
 */
export function decideStatus(
  definition: KubeObject,
  of: { readonly conflict: NameConflict | undefined; readonly now: EpochMs },
): JsonObject | null {
  const { conflict, now } = of;
  const spec = isObject(definition.spec) ? definition.spec : {};
  const before = isObject(definition.status) ? definition.status : {};
  const wasEstablished = conditionOf(before, 'Established')?.status === 'True';
  const accepted = conflict === undefined;
  const names: Condition = accepted
    ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
    : { type: 'NamesAccepted', status: 'False', ...conflict };
  const established: Condition =
    accepted || wasEstablished
      ? {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : {
          type: 'Established',
          status: 'False',
          reason: 'NotAccepted',
          message: 'not all names are accepted',
        };
  const status = {
    ...before,
    acceptedNames: accepted ? (spec.names ?? {}) : (before.acceptedNames ?? { kind: '', plural: '' }),
    conditions: [names, established].reduce<readonly JsonValue[]>(
      (conditions, condition) => withCondition(conditions, condition, now),
      isArray(before.conditions) ? before.conditions : [],
    ),
    storedVersions: storedVersions(spec, before),
  };
  return deepEqual(status, before) ? null : status;
}

type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
};

function conditionOf(status: JsonObject, type: string): JsonObject | undefined {
  const conditions = isArray(status.conditions) ? status.conditions.filter(isObject) : [];
  return conditions.find((condition) => condition.type === type);
}

/** In its place, with the time at which its status last changed. */
function withCondition(
  conditions: readonly JsonValue[],
  condition: Condition,
  now: EpochMs,
): readonly JsonValue[] {
  const before = conditions.filter(isObject).find(({ type }) => type === condition.type);
  const since = before?.status === condition.status ? before.lastTransitionTime : undefined;
  const after = { ...condition, lastTransitionTime: since ?? toRfc3339(now) };
  return before === undefined
    ? [...conditions, after]
    : conditions.map((each) => (each === before ? after : each));
}

/** Every version that objects were ever stored in; whoever has rewritten them all takes old ones away. */
function storedVersions(spec: JsonObject, before: JsonObject): readonly JsonValue[] {
  const known = isArray(before.storedVersions) ? before.storedVersions : [];
  const rows = (isArray(spec.versions) ? spec.versions : []).filter(isObject);
  const stored = rows.find(({ storage }) => storage === true)?.name;
  return stored === undefined || known.includes(stored) ? known : [...known, stored];
}
