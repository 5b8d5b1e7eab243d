import test from 'ava';
import { UserError, WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import { silentLog } from '../base/log.ts';
import { type ManualClock, manualClock } from '../base/manual-clock.ts';
import { trailerOf } from '../git/commit-message.ts';
import type { GitRepository } from '../git/repository.ts';
import type { StatusReport } from '../status/report.ts';
import { commitTo, memoryGit, memoryRepository } from '../testing/memory-git.ts';
import { ReportBench } from '../testing/report-bench.ts';
import type { Trouble } from './control-protocol.ts';
import { standingTroubles } from './standing-troubles.ts';
import { statusWriter } from './status-writer.ts';

const BRANCH = 'pintle/status';
const configMap = (name: string, value = 'one'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: ${value}}\n`;
const files = { 'a.yaml': configMap('a'), 'b.yaml': configMap('b') };

/** Whatever a test puts in the place of a repository's method, the rest is the repository's own. */
function wrapped(inner: GitRepository, over: Partial<GitRepository>): GitRepository {
  return new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(over, name) ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(Reflect.has(over, name) ? over : target) : value;
    },
  });
}

function scene(
  options: {
    readonly git?: ReturnType<typeof memoryGit>;
    readonly clock?: ManualClock;
    readonly instance?: string;
    readonly takeOver?: boolean;
    readonly over?: (inner: GitRepository) => Partial<GitRepository>;
  } = {},
) {
  const { git = memoryGit(), clock = manualClock(), instance = 'one', takeOver = false } = options;
  const inner = memoryRepository(git);
  const told: Trouble[] = [];
  const writer = statusWriter({
    repository: wrapped(inner, options.over?.(inner) ?? {}),
    ...{ branch: BRANCH, instance, takeOver, clock, log: silentLog() },
    troubles: standingTroubles({ now: clock.now, tell: (trouble) => void told.push(trouble) }),
  });
  const commits = async (): Promise<readonly string[]> => {
    const tip = git.refs.get(`refs/heads/${BRANCH}`);
    if (tip === undefined) return [];
    return (await inner.log(tip, 100)).map(({ message }) => message);
  };
  const paths = async (): Promise<readonly string[]> =>
    (await inner.listTree(git.refs.get(`refs/heads/${BRANCH}`) ?? '', '')).map(({ path }) => path);
  return { git, clock, writer, told, commits, paths };
}

/** Reports of a source that lives on: each call changes the data of `a`. */
function reports(): { readonly bench: ReportBench; next(): StatusReport; same(): StatusReport } {
  const bench = new ReportBench();
  let count = 0;
  const at = (value: number): Readonly<Record<string, string>> => ({
    ...files,
    'a.yaml': configMap('a', `v${value}`),
  });
  bench.commit(at(0));
  return {
    bench,
    same: () => bench.reportOf(at(count)),
    next() {
      count += 1;
      bench.commit(at(count));
      return bench.reportOf(at(count));
    },
  };
}

test('the first report is committed at once; however many follow within two seconds, they make one commit', async (t) => {
  const { clock, writer, commits, paths } = scene();
  const { next } = reports();
  writer.offer(next());
  await clock.run(100);
  t.is((await commits()).length, 1);
  t.deepEqual(await paths(), [
    'README.md',
    'objects/default/ConfigMap/a.yaml',
    'objects/default/ConfigMap/b.yaml',
    'status.json',
  ]);
  for (let at = 0; at < 5; at += 1) {
    writer.offer(next());
    await clock.run(300);
  }
  t.is((await commits()).length, 1);
  t.false(writer.idle());
  await clock.run(timings.statusCommitIntervalMs);
  t.is((await commits()).length, 2);
  t.true(writer.idle());
});

test('a report in which nothing happened makes no commit, not after a restart either', async (t) => {
  const first = scene();
  const { next, same } = reports();
  first.writer.offer(next());
  await first.clock.run(100);
  first.writer.offer(same());
  await first.clock.run(60_000);
  t.is((await first.commits()).length, 1);
  await first.writer.stop();
  const second = scene({ git: first.git, clock: first.clock });
  second.writer.offer(same());
  await second.clock.run(60_000);
  t.is((await second.commits()).length, 1);
});

test('a restart that finds another state writes all of it anew', async (t) => {
  const first = scene();
  const { next, bench } = reports();
  first.writer.offer(next());
  await first.clock.run(100);
  await first.writer.stop();
  const second = scene({ git: first.git, clock: first.clock });
  const left = { 'a.yaml': configMap('a') };
  bench.commit(left);
  second.writer.offer(bench.reportOf(left));
  await second.clock.run(100);
  t.deepEqual(await second.paths(), ['README.md', 'objects/default/ConfigMap/a.yaml', 'status.json']);
  t.is((await second.commits()).length, 2, 'history stays');
});

test("another instance's branch is left alone, and told once, unless it is taken over", async (t) => {
  const first = scene();
  const { next } = reports();
  first.writer.offer(next());
  await first.clock.run(100);
  const other = scene({ git: first.git, clock: first.clock, instance: 'two' });
  other.writer.offer(next());
  await other.clock.run(600_000);
  other.writer.offer(next());
  await other.clock.run(600_000);
  t.is((await other.commits()).length, 1);
  t.deepEqual(
    other.told.map(({ code, retried }) => [code, retried]),
    [['FOREIGN_STATUS_BRANCH', false]],
  );
  t.true(other.writer.idle());
  const taking = scene({ git: first.git, clock: first.clock, instance: 'two', takeOver: true });
  taking.writer.offer(next());
  await taking.clock.run(100);
  const [newest] = await taking.commits();
  t.is(trailerOf(newest ?? '', 'Pintle-Instance'), 'two');
});

test('a branch that somebody else wrote by hand is left alone', async (t) => {
  const { git, clock, writer, commits, told } = scene();
  await commitTo(git, { branch: BRANCH, files: { 'mine.txt': 'x' }, message: 'Mine\n', atMs: 0 });
  writer.offer(reports().next());
  await clock.run(60_000);
  t.is((await commits()).length, 1);
  t.is(told[0]?.code, 'FOREIGN_STATUS_BRANCH');
});

test('a lost race is tried again on what is there now', async (t) => {
  const clock = manualClock();
  const git = memoryGit();
  let races = 2;
  const { writer, commits, told } = scene({
    git,
    clock,
    over: (inner) => ({
      async publish(branch, to, expected) {
        races -= 1;
        if (races >= 0) return 'raced';
        return inner.publish(branch, to, expected);
      },
    }),
  });
  writer.offer(reports().next());
  await clock.run(100);
  t.is((await commits()).length, 1);
  t.deepEqual(told, []);
});

test('a remote that is down delays the commit, is told once, and the newest report is written when it is back', async (t) => {
  const clock = manualClock();
  let down = true;
  const attemptsAt: number[] = [];
  const startMs = clock.now();
  const { writer, commits, told } = scene({
    clock,
    over: (inner) => ({
      async publish(branch, to, expected) {
        attemptsAt.push(clock.now() - startMs);
        if (down) throw new WorldError('REMOTE_DOWN', 'no route');
        return inner.publish(branch, to, expected);
      },
    }),
  });
  const { next } = reports();
  writer.offer(next());
  for (let minute = 0; minute < 60; minute += 1) {
    await clock.run(60_000);
    writer.offer(next());
  }
  t.is((await commits()).length, 0);
  t.deepEqual(
    told.map(({ code, retried }) => [code, retried]),
    [['REMOTE_DOWN', true]],
  );
  t.true(attemptsAt.length > 25 && attemptsAt.length < 45, `${attemptsAt.length} attempts in an hour`);
  down = false;
  await clock.run(timings.passRetryMaxMs);
  const [newest] = await commits();
  t.is((await commits()).length, 1);
  t.is(trailerOf(newest ?? '', 'Pintle-Revision'), 'commit-62');
});

test('a push whose answer was lost is not made twice, and not taken for lost either', async (t) => {
  const clock = manualClock();
  let lose = false;
  const { writer, commits } = scene({
    clock,
    over: (inner) => ({
      async publish(branch, to, expected) {
        const answer = await inner.publish(branch, to, expected);
        if (lose) throw new WorldError('REMOTE_DOWN', 'the connection broke');
        return answer;
      },
    }),
  });
  const { next } = reports();
  const [before, after] = [next(), next()];
  writer.offer(before);
  await clock.run(5_000);
  lose = true;
  writer.offer(after);
  await clock.run(2_100);
  lose = false;
  t.is((await commits()).length, 2, 'it went through');
  await clock.run(60_000);
  t.is((await commits()).length, 2, 'and is found to have');
  lose = true;
  writer.offer(before);
  await clock.run(2_100);
  lose = false;
  writer.offer(after);
  await clock.run(60_000);
  t.is((await commits()).length, 4, 'the branch shows the latest, not what was thought to be there');
});

test('what waits is written at the end, once, and nothing after it', async (t) => {
  const { clock, writer, commits } = scene();
  const { next } = reports();
  writer.offer(next());
  await clock.run(100);
  writer.offer(next());
  await writer.stop();
  t.is((await commits()).length, 2);
  writer.offer(next());
  await clock.run(60_000);
  t.is((await commits()).length, 2);
});

test('a stop in the middle of a write waits for it, and leaves no timer', async (t) => {
  const clock = manualClock();
  const { writer, commits } = scene({
    clock,
    over: (inner) => ({
      async publish(branch, to, expected) {
        await new Promise<void>((resolve) => void clock.setTimer(1_000, resolve));
        return inner.publish(branch, to, expected);
      },
    }),
  });
  const { next } = reports();
  writer.offer(next());
  await clock.run(100);
  writer.offer(next());
  const stopped = writer.stop();
  await clock.run(10_000);
  await stopped;
  t.is((await commits()).length, 2);
  t.is(clock.nextTimerAt(), null);
});

test('a stop while the branch is refused does not try again', async (t) => {
  let calls = 0;
  const { clock, writer } = scene({
    over: () => ({
      async fetch() {
        calls += 1;
        throw new UserError('FOREIGN_STATUS_BRANCH', 'no');
      },
    }),
  });
  writer.offer(reports().next());
  await clock.run(1_000);
  await writer.stop();
  t.is(calls, 1);
});
