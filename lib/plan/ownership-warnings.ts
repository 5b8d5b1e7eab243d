import { deepEqual } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import { refText } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { withoutReplicas } from './autoscaled.ts';
import { decideObject } from './decide-object.ts';
import { reconcileDisabled } from './directives.ts';
import { type FieldChange, fieldChanges } from './field-changes.ts';
import type { InventoryRow } from './inventory.ts';
import { normalise } from './normalise.ts';

/** A write to an object that git manages, by somebody who is not git. */
export type ForeignWrite = {
  readonly schema: Schema;
  readonly row: InventoryRow;
  /** null: there was none. */
  readonly before: KubeObject | null;
  readonly after: KubeObject;
  /** An HPA sets its replicas. */
  readonly autoscaled: boolean;
  readonly backedOff: ReadonlySet<string>;
  readonly dryRun: boolean;
};

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Paths named in one sentence; the others are counted. */
const PATHS_TOLD = 3;

/**
 * What becomes of the write, in a sentence or two that name the file and the commit; [] when git has nothing to say about it: nothing
 * changed, reconciling is off for it, or only what an HPA sets did. It is the very decision the next pass will take. Never says values.
 */
export function writeWarnings(write: ForeignWrite): readonly string[] {
  const { schema, row, after, dryRun } = write;
  const changed = changedPaths(write);
  if (changed.length === 0) return [];
  const desired = row.applied.object;
  const decision = decideObject({ ...write, ref: row.ref, desired, live: after });
  const from = managedBy(row);
  switch (decision.kind) {
    case 'unchanged':
      // What was made anew is just what git asks for.
      if (write.before === null) return [];
      return [`${from}, which does not set ${listed(changed)}: this ${dryRun ? 'would stay' : 'stays'}.`];
    case 'blocked':
      switch (decision.blocked.reason) {
        case 'healing-backed-off':
        case 'immutable-field':
          return [`${from} says otherwise: ${decision.blocked.detail}.`];
        default:
          return [];
      }
    case 'change': {
      const { change } = decision;
      if (change.action !== 'patch') return [`${from} says otherwise: it ${willBe(dryRun)} made again.`];
      const { result } = change;
      const healed = fieldChanges(schema, { live: after, result, desired }).map(({ path }) => path);
      const kept = (write.before === null ? [] : changed).filter(
        (path) => !healed.some((other) => overlap(path, other)),
      );
      const stays =
        kept.length === 0 ? '' : ` It does not set ${listed(kept)}: that ${dryRun ? 'would stay' : 'stays'}.`;
      return [`${from}: ${listed(healed)} ${willBe(dryRun)} put back as it says there.${stays}`];
    }
  }
}

/** The same for a deletion that was asked for; null: git leaves it at that. */
export function deletionWarning(
  row: InventoryRow,
  before: KubeObject | null,
  { dryRun }: { readonly dryRun: boolean },
): string | null {
  if (reconcileDisabled(row.applied.object, before)) return null;
  const from = managedBy(row);
  if (row.finished) return `${from}; it ran to its end, and is not made again.`;
  return `${from}: it ${willBe(dryRun)} made again. To delete it, remove it there.`;
}

function willBe(dryRun: boolean): string {
  return dryRun ? 'would be' : 'will be';
}

/** `Deployment shop/web is managed by git (apps/web.yaml at commit 3f2c1ab)`. */
function managedBy({ ref, path, applied }: InventoryRow): string {
  return `${refText(ref)} is managed by git (${path} at commit ${applied.commit.slice(0, 7)})`;
}

/** Every field the write changed of what a manifest could say, by its path. */
function changedPaths({ schema, before, after, autoscaled }: ForeignWrite): readonly string[] {
  const own = (object: KubeObject): KubeObject =>
    withoutLastApplied(normalise(autoscaled ? withoutReplicas(object) : object));
  if (before === null) return ['it'];
  const live = own(before);
  const result = own(after);
  if (deepEqual(live, result)) return [];
  return fieldChanges(schema, { live, result, desired: result }).map(({ path }: FieldChange) => path);
}

/** kubectl's own note of what it applied says nothing of the object. */
function withoutLastApplied(object: KubeObject): KubeObject {
  const { [LAST_APPLIED]: noted, ...annotations } = object.metadata.annotations ?? {};
  return noted === undefined ? object : { ...object, metadata: { ...object.metadata, annotations } };
}

/** Whether one is the other or stands in it. */
function overlap(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.startsWith(short) && (long.length === short.length || /^[.[]/.test(long.slice(short.length)));
}

function listed(paths: readonly string[]): string {
  const told = paths.slice(0, PATHS_TOLD).join(', ');
  return paths.length > PATHS_TOLD ? `${told} and ${paths.length - PATHS_TOLD} more` : told;
}
