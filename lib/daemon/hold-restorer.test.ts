import test from 'ava';
import { WorldError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { manualClock } from '../base/manual-clock.ts';
import type { GitRepository } from '../git/repository.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import type { ComponentHold } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { refKey } from '../schema/object.ts';
import { commitTo, memoryGit, memoryRepository } from '../testing/memory-git.ts';
import { holdRestorer } from './hold-restorer.ts';

const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'web' } as const;
const nothing: ManifestSet = { objects: [], rejected: [], problems: [], unparsedFiles: [], filesRead: 0 };

/** A branch whose newest commit broke the only file, a hold because of it, and a restorer. */
async function scene(options: { readonly wrap?: (repository: GitRepository) => GitRepository } = {}) {
  const git = memoryGit();
  const clock = manualClock();
  const commit = (text: string): Promise<string> =>
    commitTo(git, { branch: 'main', files: { 'web.yaml': text }, message: 'Change\n', atMs: 0 });
  const [good, bad] = [await commit('good'), await commit('bad')];
  const version = {
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' } },
    commit: good,
  };
  const row: InventoryRow = {
    ...{ source: 'main', ref, applied: { ...version, commit: bad }, good: version },
    ...{ path: 'web.yaml', document: 0, blob: '', finished: false },
  };
  const hold: ComponentHold = {
    ...{ refs: [ref], cause: ref, failedRevision: bad, goodRevisions: [good], mode: 'hold' },
    ...{ failedDigest: 'digest', evidence: 'it did not start', sinceMs: 1 },
  };
  const troubles: string[] = [];
  const pokes: (number | undefined)[] = [];
  const repository = memoryRepository(git);
  const restorer = holdRestorer({
    repository: options.wrap?.(repository) ?? repository,
    ...{ branch: 'main', inventory: () => new Map([[refKey(ref), row]]), clock, log: silentLog() },
    onTrouble: (code) => troubles.push(code),
    poke: (delayMs) => pokes.push(delayMs),
  });
  const text = async (): Promise<string> => {
    const head = git.refs.get('refs/heads/main') ?? '';
    const [file] = await repository.listTree(head, '');
    const blob = (await repository.readBlobs([file?.oid ?? ''], 100)).get(file?.oid ?? '');
    return blob?.kind === 'bytes' ? Buffer.from(blob.bytes).toString() : '';
  };
  return { git, clock, commit, bad, hold, restorer, troubles, pokes, text };
}

test('a hold is restored once, however often it is looked at; the same failure later is another hold', async (t) => {
  const { restorer, hold, bad, git, text, commit, pokes } = await scene();
  restorer.look([hold], bad, nothing);
  restorer.look([hold], bad, nothing);
  await restorer.stop();
  t.is(await text(), 'good');
  t.deepEqual(pokes, [undefined]);
  const restored = git.refs.get('refs/heads/main');
  restorer.look([hold], bad, nothing);
  await restorer.stop();
  t.is(git.refs.get('refs/heads/main'), restored);
  const again = await commit('bad');
  restorer.look([{ ...hold, sinceMs: 2 }], again, nothing);
  await restorer.stop();
  t.is(await text(), 'good');
});

test('a branch that moved on is left alone', async (t) => {
  const { restorer, hold, bad, text, commit, troubles } = await scene();
  await commit('mended by somebody');
  restorer.look([hold], bad, nothing);
  await restorer.stop();
  t.is(await text(), 'mended by somebody');
  t.deepEqual(troubles, []);
});

test('what only tells is not restored', async (t) => {
  const { restorer, hold, bad, text } = await scene();
  restorer.look([{ ...hold, mode: 'report' }], bad, nothing);
  await restorer.stop();
  t.is(await text(), 'bad');
});

test('a remote that is down is tried again, later each time, and told of once', async (t) => {
  let down = 3;
  const { restorer, hold, bad, text, clock, troubles, pokes } = await scene({
    wrap: (repository) => ({
      ...repository,
      location: '',
      listTree: (commit, directory) => repository.listTree(commit, directory),
      readBlobs: (oids, bytesMax) => repository.readBlobs(oids, bytesMax),
      writeCommit: (commit) => repository.writeCommit(commit),
      async publish(branch, to, expected) {
        down -= 1;
        if (down >= 0) throw new WorldError('REMOTE_DOWN', 'no route');
        return repository.publish(branch, to, expected);
      },
    }),
  });
  for (let round = 0; round < 10; round += 1) {
    restorer.look([hold], bad, nothing);
    await restorer.stop();
    clock.advance(1_000);
  }
  t.is(await text(), 'good');
  t.deepEqual(troubles, ['REMOTE_DOWN']);
  t.deepEqual(pokes, [1_000, 2_000, 4_000, undefined]);
});
