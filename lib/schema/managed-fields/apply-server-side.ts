import type { EpochMs } from '../../base/clock.ts';
import { UserError } from '../../base/errors.ts';
import { deepEqual, type JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../object.ts';
import type { Kind, Schema } from '../schema.ts';
import { compareObjects } from './compare-objects.ts';
import { type Conflicts, conflictsWith } from './conflicts.ts';
import {
  difference,
  draftSet,
  equalSets,
  type FieldSet,
  insertPath,
  isEmptySet,
  union,
} from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import { takenFromClientSide, withLastApplied } from './last-applied.ts';
import {
  cappedManagers,
  type Manager,
  type ManagerName,
  type Managers,
  managerKey,
  readManagers,
  withManager,
  writeManagers,
} from './managers.ts';
import { mergeApplied } from './merge-applied.ts';
import { newObjectOf } from './new-object.ts';
import { memberElement } from './path-element.ts';
import { releaseFields } from './release-fields.ts';
import { ownable, withoutManagedFields } from './unowned-fields.ts';
import { changedBy, conflictingFields } from './update-managed-fields.ts';

export type Apply = {
  readonly schema: Schema;
  readonly kind: Kind;
  /** null: there is no such object yet. */
  readonly live: KubeObject | null;
  /** In the stored version, without defaults: what stands in it is what the manager wants to own. */
  readonly applied: KubeObject;
  readonly manager: string;
  /** The version that was applied in, where it has the form of the stored one. Unset: the stored one. */
  readonly apiVersion?: string | undefined;
  readonly force: boolean;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly now: EpochMs;
};

export type Applied =
  | {
      readonly conflicts?: undefined;
      /** Without managedFields: defaulting and admission may still change it. The live object itself when nothing changed. */
      readonly object: KubeObject;
      readonly managedFields: readonly JsonObject[];
    }
  | { readonly conflicts: Conflicts };

/** Whoever applies an object says its name, which nobody owns: its metadata is never released. */
const IDENTITY: FieldSet = identity();

function identity(): FieldSet {
  const set = draftSet();
  insertPath(set, [memberElement('metadata'), memberElement('name')]);
  return set;
}

/** Who changed an object before anybody kept count. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Server-side apply: the manager owns exactly what it applies, what it no longer applies goes unless others own it, and fields that
 * others own with another value are conflicts, all told at once, unless it forces. Equal values are owned together.
 * @throws UserError INVALID_APPLY (metadata.managedFields set; items that cannot be told apart)
 */
export function applyServerSide(apply: Apply): Applied {
  const { schema, kind, live, manager, now } = apply;
  const { typeName } = kind;
  if (apply.applied.metadata.managedFields !== undefined)
    throw new UserError('INVALID_APPLY', 'metadata.managedFields must be nil');
  const applied = partOf(apply);
  const base = live === null ? null : withoutManagedFields(live);
  const managers = live === null ? new Map<string, Manager>() : managersOf(apply, live);
  const name: ManagerName = {
    manager,
    operation: 'Apply',
    apiVersion: apply.apiVersion ?? apply.applied.apiVersion,
    subresource: apply.subresource,
  };
  const before = managers.get(managerKey(name));
  const said = union(fieldSetOf(schema, { typeName, object: applied }), IDENTITY);
  const own = ownable(said);
  const object = mergedAndReleased(apply, { base: base ?? {}, applied, managers, name, said });
  const compared = compareObjects(schema, {
    typeName,
    before: base ?? newObjectOf(schema, typeName),
    after: object,
  });
  const others = conflictingFields(managers, compared, managerKey(name));
  const conflicts = apply.force ? [] : unforced(apply, others);
  if (conflicts.length > 0) return { conflicts: conflictsWith(conflicts) };
  const left = changedBy(
    new Map([...managers].filter(([key]) => key !== managerKey(name))),
    name,
    compared,
    now,
  );
  const unchanged =
    live !== null && before !== undefined && equalSets(before.fields, own) && deepEqual(base, object);
  if (unchanged) return { object: live, managedFields: writeManagers(managers) };
  const after = cappedManagers(withManager(left, name, own, now));
  const whole = { ...object, apiVersion: apply.applied.apiVersion, kind: apply.applied.kind } as KubeObject;
  return {
    object: withLastApplied(whole, { live, applied, manager }),
    managedFields: writeManagers(after),
  };
}

/** Status belongs to its own subresource, everything else to the object. */
function partOf({ applied, kind, subresource }: Apply): JsonObject {
  const { status, ...rest } = applied;
  if (!kind.subresources.includes('status')) return applied;
  if (subresource !== 'status') return rest;
  const { name, namespace } = applied.metadata;
  return {
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    ...(status === undefined ? {} : { status }),
  };
}

function managersOf({ schema, kind, now }: Apply, live: KubeObject): Managers {
  const managers = readManagers(live.metadata.managedFields);
  if (managers.size > 0) return managers;
  const name: ManagerName = {
    manager: BEFORE_FIRST_APPLY,
    operation: 'Update',
    apiVersion: live.apiVersion,
    subresource: '',
  };
  const compared = compareObjects(schema, {
    typeName: kind.typeName,
    before: newObjectOf(schema, kind.typeName),
    after: withoutManagedFields(live),
  });
  return changedBy(managers, name, compared, now);
}

function mergedAndReleased(
  { schema, kind: { typeName } }: Apply,
  of: {
    readonly base: JsonObject;
    readonly applied: JsonObject;
    readonly managers: Managers;
    readonly name: ManagerName;
    readonly said: FieldSet;
  },
): JsonObject {
  const merged = mergeApplied(schema, { typeName, live: of.base, applied: of.applied });
  const key = managerKey(of.name);
  const before = of.managers.get(key)?.fields;
  if (before === undefined || isEmptySet(before)) return merged;
  let owned = of.said;
  for (const [other, { fields }] of of.managers) if (other !== key) owned = union(owned, fields);
  return releaseFields(schema, { typeName, object: merged, before, owned });
}

/** The conflicts that count: kubectl takes what its own client-side apply had set. */
function unforced({ schema, kind, live, manager }: Apply, owners: readonly Manager[]): readonly Manager[] {
  if (owners.length === 0 || live === null) return owners;
  const free = takenFromClientSide(schema, { typeName: kind.typeName, live, manager });
  const kept = owners.map((owner) => ({ ...owner, fields: difference(owner.fields, free) }));
  // One field that is not free, and nothing is taken without asking: all that is not free is told.
  return kept.filter(({ fields }) => !isEmptySet(fields));
}
