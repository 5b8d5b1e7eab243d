import test from 'ava';
import { trailerOf } from '../git/commit-message.ts';
import type { PlanResult } from '../plan/decide-plan.ts';
import type { ComponentHold } from '../plan/hold.ts';
import { refKey } from '../schema/object.ts';
import { commitTo, memoryGit, memoryRepository } from '../testing/memory-git.ts';
import { manifestSet, PlanBench } from '../testing/plan-bench.ts';
import { restoreComponent } from './restore-component.ts';

const settings = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {key: ${value}}\n`;
const web = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}", envFrom: [{configMapRef: {name: settings}}]}]}
`;
const stranger = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stranger}\n';
type Files = Readonly<Record<string, string>>;

/** Commits each tree; all but the last prove good; the component of the last is held. Restores it. */
async function restored(trees: readonly Files[], more: { readonly pushed?: Files } = {}) {
  const git = memoryGit();
  const repository = memoryRepository(git);
  const bench = new PlanBench();
  const commits: string[] = [];
  let before: Files = {};
  let components: PlanResult['components'] = [];
  for (const [at, files] of trees.entries()) {
    const removed = Object.fromEntries(
      Object.keys(before)
        .filter((path) => files[path] === undefined)
        .map((path) => [path, null]),
    );
    const oid = await commitTo(git, {
      branch: 'main',
      files: { ...removed, ...files },
      message: 'Change\n',
      atMs: 0,
    });
    commits.push(oid);
    components = bench.commit(files, { revision: oid }).components;
    bench.rollOut();
    if (at < trees.length - 1) bench.markGood();
    before = files;
  }
  const cause = { group: 'apps', kind: 'Deployment', namespace: 'default', name: 'web' };
  const hold: ComponentHold = {
    refs: components.find((component) => component.some((ref) => refKey(ref) === refKey(cause))) ?? [],
    ...{
      failedDigest: '',
      failedRevision: commits.at(-1) ?? '',
      goodRevisions: [commits.at(-2) ?? ''],
      cause,
    },
    ...{ evidence: 'it did not start', sinceMs: 0, mode: 'hold' },
  };
  const head = commits.at(-1) ?? '';
  if (more.pushed !== undefined)
    await commitTo(git, { branch: 'main', files: more.pushed, message: 'Later\n', atMs: 0 });
  const outcome = await restoreComponent({
    ...{
      repository,
      branch: 'main',
      head,
      hold,
      desired: manifestSet(before),
      inventory: bench.inventory,
      now: 5_000,
    },
  });
  const tip = git.refs.get('refs/heads/main') ?? '';
  const tree = await repository.listTree(tip, '');
  const blobs = await repository.readBlobs(
    tree.map(({ oid }) => oid),
    10_000,
  );
  const files = Object.fromEntries(
    tree.map(({ path, oid }) => {
      const blob = blobs.get(oid);
      return [path, blob?.kind === 'bytes' ? Buffer.from(blob.bytes).toString() : ''];
    }),
  );
  return { outcome, files, commits, head: await repository.commit(tip) };
}

test('files that changed come back, with a message that names both revisions and what was seen', async (t) => {
  const good = { 'web.yaml': web('1'), 'settings.yaml': settings('one'), 'README.md': 'one' };
  const bad = { 'web.yaml': web('bad'), 'settings.yaml': settings('bad'), 'README.md': 'two' };
  const { outcome, files, commits, head } = await restored([good, bad]);
  t.is(outcome.outcome, 'committed');
  t.deepEqual(files, { ...good, 'README.md': 'two' });
  t.deepEqual(head.parents, [commits[1]]);
  t.is(trailerOf(head.message, 'Pintle-Failed-Revision'), commits[1] ?? null);
  t.is(trailerOf(head.message, 'Pintle-Good-Revision'), commits[0] ?? null);
  t.true(head.message.includes('it did not start'));
});

test('a file comes back as it was when all of its objects were good, not as it was when one of them last changed', async (t) => {
  const file = (image: string, value: string): Files => ({
    'all.yaml': `${web(image)}---\n${settings(value)}`,
  });
  const { outcome, files } = await restored([file('1', 'one'), file('1', 'two'), file('bad', 'two')]);
  t.is(outcome.outcome, 'committed');
  t.deepEqual(files, file('1', 'two'));
});

test('a file whose objects did not change stays, comments written since included', async (t) => {
  const { files } = await restored([
    { 'web.yaml': web('1'), 'settings.yaml': settings('one') },
    { 'web.yaml': web('1'), 'settings.yaml': `# Since then.\n${settings('one')}` },
    { 'web.yaml': web('bad'), 'settings.yaml': `# Since then.\n${settings('one')}` },
  ]);
  t.deepEqual(files, { 'web.yaml': web('1'), 'settings.yaml': `# Since then.\n${settings('one')}` });
});

test('a file that the failing commit removed comes back', async (t) => {
  const good = { 'web.yaml': web('1'), 'settings.yaml': settings('one') };
  const { files } = await restored([good, { 'web.yaml': web('bad') }]);
  t.deepEqual(files, good);
});

test('a file that holds something else too is left to people', async (t) => {
  const { outcome, files } = await restored([
    { 'all.yaml': `${web('1')}---\n${stranger}`, 'settings.yaml': settings('one') },
    { 'all.yaml': `${web('bad')}---\n${stranger}`, 'settings.yaml': settings('one') },
  ]);
  t.is(outcome.outcome, 'not-possible');
  t.true(files['all.yaml']?.includes('bad'));
});

test("a stranger in a file that did not change is in nobody's way", async (t) => {
  const { outcome } = await restored([
    { 'web.yaml': web('1'), 'settings.yaml': `${settings('one')}---\n${stranger}` },
    { 'web.yaml': web('bad'), 'settings.yaml': `${settings('one')}---\n${stranger}` },
  ]);
  t.is(outcome.outcome, 'committed');
});

test('a file that was elsewhere when it was good is left to people', async (t) => {
  const { outcome } = await restored([
    { 'web.yaml': web('1'), 'settings.yaml': settings('one') },
    { 'moved/web.yaml': web('bad'), 'settings.yaml': settings('one') },
  ]);
  t.is(outcome.outcome, 'not-possible');
});

test('a branch that has moved on is not touched', async (t) => {
  const pushed = { 'web.yaml': web('mended') };
  const { outcome, files } = await restored(
    [
      { 'web.yaml': web('1'), 'settings.yaml': settings('one') },
      { 'web.yaml': web('bad'), 'settings.yaml': settings('one') },
    ],
    { pushed },
  );
  t.is(outcome.outcome, 'raced');
  t.is(files['web.yaml'], web('mended'));
});
