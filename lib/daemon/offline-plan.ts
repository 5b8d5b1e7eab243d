import { loadAll } from 'js-yaml';
import { messageOf, UserError } from '../base/errors.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { GitRepository } from '../git/repository.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import { decidePlan } from '../plan/decide-plan.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { normalise } from '../plan/normalise.ts';
import type { Plan } from '../plan/plan.ts';
import { groupOf, type KubeObject, type ObjectRef, refKey, refOf } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import type { SourceReader } from './source-reader.ts';

/**
 * The plan of a revision against the last status commit: what was applied then is the base, the objects it shows are what is
 * live. No daemon is asked. Secret values are not in a status commit: they count as what git said then.
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
}): Promise<Plan> {
  const { repository, reader, schema, statusBranch } = options;
  const status = await repository.resolve(`refs/heads/${statusBranch}`);
  const shown = status === null ? null : await readStatus(repository, status);
  if (shown === null) {
    throw new UserError(
      'NO_STATUS_COMMIT',
      `${repository.location} has no status commit on ${statusBranch}; a daemon writes the first one`,
    );
  }
  const base = await reader.readAt(shown.revision);
  const wanted = await reader.readAt(options.revision ?? `refs/heads/${options.branch}`);
  const inventory = rowsOf(base.desired, shown.revision);
  const live = liveObjects(shown.objects, inventory);
  return decidePlan({
    schema,
    source: 'main',
    revision: wanted.commit.oid,
    desired: wanted.desired,
    inventory,
    live: (ref) => live.get(refKey(ref)) ?? null,
    liveAutoscalers: [...live.values()].filter(({ kind }) => kind === 'HorizontalPodAutoscaler'),
    unmanagedIn: (): readonly ObjectRef[] => [],
    holds: [],
    approvals: new Set(),
    refused: new Map(),
    backedOff: new Set(),
    passedGuard: new Set(),
    memory: null,
  }).plan;
}

async function readStatus(
  repository: GitRepository,
  commit: string,
): Promise<{ readonly revision: string; readonly objects: readonly KubeObject[] } | null> {
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
  return { revision: parsed.revision, objects };
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
      return [key, { ...object, metadata, data: inventory.get(key)?.applied.object.data }];
    }),
  );
}
