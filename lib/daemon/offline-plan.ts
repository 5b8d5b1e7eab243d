import { loadAll } from 'js-yaml';
import { messageOf, UserError } from '../base/errors.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { GitRepository } from '../git/repository.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import { decidePlan, type PlanInput } from '../plan/decide-plan.ts';
import { type ComponentHold, contentDigest } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { normalise, normalised } from '../plan/normalise.ts';
import type { Plan } from '../plan/plan.ts';
import { groupOf, type KubeObject, type ObjectRef, refKey, refOf } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import type { SourceReader } from './source-reader.ts';

/**
 * The plan of a revision against the last status commit: what was applied then is the base, the objects it shows are what is
 * live. No daemon is asked. Secret values are not in a status commit: they count as what git said then. `fromNothing`: against nothing at
 * all, as the first commit of a new cluster would be.
 * UserError NO_STATUS_COMMIT when the branch is not there or shows no revision, BAD_STATUS_COMMIT when one of its files cannot
 * be read.
 */
export async function offlinePlan(options: {
  readonly repository: GitRepository;
  readonly reader: SourceReader;
  readonly schema: Schema;
  readonly statusBranch: string;
  readonly branch: string;
  readonly revision: string | null;
  readonly fromNothing?: boolean;
}): Promise<Plan> {
  const { repository, reader, schema, statusBranch } = options;
  if (options.fromNothing === true) {
    const { commit, desired } = await reader.readAt(options.revision ?? `refs/heads/${options.branch}`);
    const nothing = { inventory: new Map(), live: new Map(), holds: [] };
    return planAgainst(nothing, { schema, revision: commit.oid, desired });
  }
  // In a clone it is where git keeps what the remote has.
  const status =
    (await repository.resolve(`refs/heads/${statusBranch}`)) ??
    (await repository.resolve(`refs/remotes/origin/${statusBranch}`));
  const shown = status === null ? null : await readStatus(repository, status);
  if (shown === null) {
    throw new UserError(
      'NO_STATUS_COMMIT',
      `${repository.location} has no status commit on ${statusBranch}; a daemon writes the first one`,
    );
  }
  const base = await reader.readAt(shown.revision);
  const wanted = await reader.readAt(options.revision ?? `refs/heads/${options.branch}`);
  const applied = rowsOf(base.desired, shown.revision);
  const live = liveObjects(shown.objects, applied);
  const holds = shown.holds.map((hold) => standingAt(hold, base.desired));
  const inventory = withHeldVersions(applied, { holds, live });
  return planAgainst(
    { inventory, live, holds },
    { schema, revision: wanted.commit.oid, desired: wanted.desired },
  );
}

function planAgainst(
  {
    inventory,
    live,
    holds,
  }: Pick<PlanInput, 'inventory' | 'holds'> & { readonly live: ReadonlyMap<string, KubeObject> },
  wanted: Pick<PlanInput, 'schema' | 'revision' | 'desired'>,
): Plan {
  return decidePlan({
    ...wanted,
    source: 'main',
    inventory,
    live: (ref) => live.get(refKey(ref)) ?? null,
    liveAutoscalers: [...live.values()].filter(({ kind }) => kind === 'HorizontalPodAutoscaler'),
    unmanagedIn: (): readonly ObjectRef[] => [],
    holds,
    approvals: new Set(),
    refused: new Map(),
    backedOff: new Set(),
    passedGuard: new Set(),
    memory: null,
  }).plan;
}

type ShownStatus = {
  readonly revision: string;
  readonly objects: readonly KubeObject[];
  readonly holds: readonly ShownHold[];
};

type ShownHold = Pick<ComponentHold, 'refs' | 'cause' | 'evidence' | 'failedRevision' | 'mode'>;

async function readStatus(repository: GitRepository, commit: string): Promise<ShownStatus | null> {
  const files = await repository.listTree(commit, '');
  const blobs = await repository.readBlobs(
    [...new Set(files.map(({ oid }) => oid))],
    limits.manifestBytesMax,
  );
  const textOf = (oid: string): string => {
    const blob = blobs.get(oid);
    return blob?.kind === 'bytes' ? Buffer.from(blob.bytes).toString('utf8') : '';
  };
  const summary = files.find(({ path }) => path === 'status.json');
  const parsed =
    summary === undefined ? null : readFile(summary.path, () => JSON.parse(textOf(summary.oid)) as unknown);
  if (!isObject(parsed) || typeof parsed.revision !== 'string') return null;
  const objects = files
    .filter(({ path }) => path.startsWith('objects/'))
    // Of an object that is not live the file has comments only, and no document.
    .flatMap(({ path, oid }) => readFile(path, () => loadAll(textOf(oid)) as readonly unknown[]))
    .filter(isKubeObject);
  return { revision: parsed.revision, objects, holds: heldIn(parsed) };
}

/** Anybody who can push may have written the branch. */
function readFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const detail = messageOf(thrown).split('\n')[0];
    throw new UserError('BAD_STATUS_COMMIT', `${path} of the status commit cannot be read: ${detail}`);
  }
}

function heldIn(status: JsonObject): readonly ShownHold[] {
  const holds = isArray(status.holds) ? status.holds.filter(isObject) : [];
  return holds.flatMap(({ objects, cause, evidence, failedRevision, mode }) => {
    const [refs, [of]] = [refsOf(objects), refsOf([cause ?? null])];
    if (of === undefined || (mode !== 'hold' && mode !== 'report')) return [];
    return { refs, cause: of, mode, evidence: String(evidence), failedRevision: String(failedRevision) };
  });
}

function refsOf(value: JsonValue | undefined): readonly ObjectRef[] {
  return (isArray(value) ? value : []).filter(isObject).flatMap(({ group, kind, namespace, name }) => {
    const texts = [group, kind, namespace, name].map((text) => (typeof text === 'string' ? text : null));
    if (texts.includes(null)) return [];
    return { group: String(group), kind: String(kind), namespace: String(namespace), name: String(name) };
  });
}

/** The hold as it was recorded: what git said of its objects is what it said at the revision that is shown. */
function standingAt(hold: ShownHold, base: ManifestSet): ComponentHold {
  const said = new Map(base.objects.map(({ ref, object }) => [refKey(ref), normalised(object)]));
  const failedDigest = contentDigest(hold.refs, (ref) => said.get(refKey(ref)) ?? null);
  return { ...hold, failedDigest, goodRevisions: [], sinceMs: 0 };
}

/** What is held was applied as it is live: its good version is older than the revision that is shown. */
function withHeldVersions(
  rows: ReadonlyMap<string, InventoryRow>,
  {
    holds,
    live,
  }: { readonly holds: readonly ComponentHold[]; readonly live: ReadonlyMap<string, KubeObject> },
): ReadonlyMap<string, InventoryRow> {
  const held = new Map(rows);
  for (const hold of holds) {
    if (hold.mode !== 'hold') continue;
    for (const ref of hold.refs) {
      const object = live.get(refKey(ref));
      const row = rows.get(refKey(ref));
      if (object === undefined || row === undefined) continue;
      const good = { object: normalise(object), commit: hold.failedRevision };
      held.set(refKey(ref), { ...row, applied: good, good });
    }
  }
  return held;
}

function isKubeObject(value: unknown): value is KubeObject {
  return (
    isObject(value) &&
    typeof value.apiVersion === 'string' &&
    typeof value.kind === 'string' &&
    isObject(value.metadata as JsonObject | undefined)
  );
}

function rowsOf(desired: ManifestSet, commit: string): ReadonlyMap<string, InventoryRow> {
  return new Map(
    desired.objects.map(({ ref, object, path, document, blob }): [string, InventoryRow] => [
      refKey(ref),
      {
        source: 'main',
        ref,
        applied: { object: normalise(object), commit },
        path,
        document,
        blob,
        good: null,
        finished: object.kind === 'Job',
      },
    ]),
  );
}

/** A version stands in for the resourceVersion that status commits leave out: the plan is shown, never applied. */
function liveObjects(
  objects: readonly KubeObject[],
  inventory: ReadonlyMap<string, InventoryRow>,
): ReadonlyMap<string, KubeObject> {
  return new Map(
    objects.map((object): [string, KubeObject] => {
      const key = refKey(refOf(object));
      const metadata = { ...object.metadata, resourceVersion: 'offline' };
      const secret = object.kind === 'Secret' && groupOf(object.apiVersion) === '';
      if (!secret) return [key, { ...object, metadata }];
      const { data, metadata: said } = inventory.get(key)?.applied.object ?? object;
      // Where a status commit hides what repeats the data, git's own stands in.
      const own = {
        ...(said.annotations && { annotations: { ...metadata.annotations, ...said.annotations } }),
        ...(said.labels && { labels: { ...metadata.labels, ...said.labels } }),
      };
      return [key, { ...object, metadata: { ...metadata, ...own }, data }];
    }),
  );
}
