import test from 'ava';
import type { StatusJson } from '../../../cmd/status-json.ts';
import { trailerOf } from '../../git/commit-message.ts';
import { allHealthyAt, objectIn, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';
import { webManifest } from '../../testing/web-manifest.ts';

test('push, roll, scale, revert: each commit becomes true and its status is committed', async (t) => {
  const daemon = await realDaemon(t);
  await daemon.untilStatus(
    (status) => status.head === null && status.sync === 'NoRevision',
    'a repository without a commit to be a state',
  );
  const first = await daemon.push({ 'web.yaml': webManifest({}) }, 'First');
  await daemon.untilStatus(allHealthyAt(first), 'the first commit to be live');
  const second = await daemon.push({ 'web.yaml': webManifest({ say: 'two', replicas: 3 }) }, 'Second');
  await daemon.untilStatus(allHealthyAt(second), 'the second commit to be live');
  await daemon.clone.git('revert', '--no-edit', 'HEAD');
  const third = await daemon.push({});
  await daemon.untilStatus(allHealthyAt(third), 'the revert to be live');
  const { format, revisions } = JSON.parse((await daemon.run('history', '-o', 'json')).stdout) as {
    format: number;
    revisions: readonly { revision: string }[];
  };
  t.is(format, 1);
  t.deepEqual(
    revisions.map(({ revision }) => revision),
    [third, second, first],
  );
  const shows = async (): Promise<boolean> => {
    const message = await daemon.bare.git('log', '-1', '--format=%B', 'pintle/status');
    return (
      trailerOf(message, 'Pintle-Revision') === third && trailerOf(message, 'Pintle-Health') === 'Healthy'
    );
  };
  await until(shows, { what: 'the status branch to show the revert' });
  t.regex(
    await daemon.bare.git('show', 'pintle/status:objects/default/Deployment.apps/web.yaml'),
    /replicas: 2/,
  );
  const commits = Number(await daemon.bare.git('rev-list', '--count', 'pintle/status'));
  t.true(commits >= 3 && commits < 60, `${commits} status commits`);
});

test('a rollout past its deadline is taken back by itself, and stays so until its manifests change', async (t) => {
  const daemon = await realDaemon(t);
  const good = await daemon.push({ 'web.yaml': webManifest({ deadlineSeconds: 3 }) }, 'Good');
  await daemon.untilStatus(allHealthyAt(good), 'the good commit to be live');
  const bad = await daemon.push(
    { 'web.yaml': webManifest({ say: '', deadlineSeconds: 3, greeting: 'bad' }) },
    'Bad',
  );
  const held = await daemon.untilStatus(
    (status) => status.revision === bad && status.holds.length === 1 && status.health === 'Healthy',
    'the bad commit to be taken back',
  );
  t.is(held.holds[0]?.mode, 'hold');
  t.is(held.holds[0]?.failedRevision, bad);
  t.deepEqual(held.holds[0]?.goodRevisions, [good]);
  t.is(objectIn(held, 'Deployment default/web')?.sync, 'Held');
  t.is(objectIn(held, 'ConfigMap default/web')?.sync, 'Held');
  const mended = await daemon.push(
    { 'web.yaml': webManifest({ say: 'two', deadlineSeconds: 30, greeting: 'mended' }) },
    'Mend',
  );
  const settled = await daemon.untilStatus(allHealthyAt(mended), 'the mended commit to be live');
  t.deepEqual(settled.holds, []);
});

test('drift is healed; a prune of most waits for approval; an object is pruned', async (t) => {
  const daemon = await realDaemon(t);
  const configMap = (name: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: value}\n`;
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const first = await daemon.push(Object.fromEntries(names.map((name) => [`${name}.yaml`, configMap(name)])));
  await daemon.untilStatus(allHealthyAt(first), 'eight ConfigMaps to be live');
  const second = await daemon.push({ 'h.yaml': null });
  const pruned = await daemon.untilStatus(allHealthyAt(second), 'one to be pruned');
  t.is(pruned.total, 7);
  await daemon.push(Object.fromEntries(names.slice(1, 7).map((name) => [`${name}.yaml`, null])));
  const held = await daemon.untilStatus(
    (status) => status.pruneHolds.length === 1,
    'the prune of most to wait',
  );
  t.is(held.total, 7);
  const plan = await daemon.run('plan');
  t.regex(plan.stdout, /pintle approve/);
  const { code } = await daemon.run('approve');
  t.is(code, 0);
  await daemon.untilStatus(
    (status) => status.total === 1 && status.sync === 'Synced',
    'the approved prune to be done',
  );
});

test('rollback commits the state before and waits until that is live, whatever is broken elsewhere', async (t) => {
  const daemon = await realDaemon(t);
  const pod = { containers: [{ name: 'main', image: 'host', command: ['no-such-program'] }] };
  const broken = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'broken' }, spec: pod };
  const first = await daemon.push(
    { 'web.yaml': webManifest({ replicas: 1 }), 'broken.json': JSON.stringify(broken) },
    'First',
  );
  const isLive = (revision: string) => (status: StatusJson) =>
    status.revision === revision && status.objects.filter(({ health }) => health !== 'Healthy').length === 1;
  await daemon.untilStatus(isLive(first), 'the first to be live');
  const second = await daemon.push(
    {
      'web.yaml': webManifest({ replicas: 2 }),
      'more.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n',
    },
    'Second',
  );
  await daemon.untilStatus(isLive(second), 'the second to be live');
  const { code, stdout } = await daemon.run('rollback');
  t.is(code, 0, stdout);
  const tree = (commit: string): Promise<string> => daemon.bare.git('rev-parse', `${commit}^{tree}`);
  t.is(await tree('main'), await tree(first));
  t.is(await daemon.bare.git('rev-parse', 'main~1'), second, 'history stays');
});
