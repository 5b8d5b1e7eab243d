import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParseCache } from '../../../lib/manifests/parse-cache.ts';
import { readManifests } from '../../../lib/manifests/read-manifests.ts';
import { builtinSchema } from '../../../lib/schema/builtin-schema.ts';
import { sqliteStore } from '../../../lib/store/sqlite-store.ts';
import { applied, daemonUnderTest } from './daemon-under-test.ts';
import { figure, percentile, residentMb, timed } from './figure.ts';
import { applicationFile, generatedRepository } from './generated-repository.ts';

const root = join(import.meta.dirname, '..', '..', '..');

async function inTemporary<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'pintle-bench-'));
  try {
    return await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Files parsed and validated, as a whole tree. */
async function validateMany(): Promise<void> {
  const files = Array.from({ length: 10_000 }, (_, at) => ({
    path: `apps/${at}.yaml`,
    blob: String(at),
    bytes: Buffer.from(applicationFile(at, 1)),
  }));
  const options = { schema: builtinSchema(), defaultNamespace: 'default', allowHostAccess: false };
  const cache = new ParseCache();
  const first = await timed(() => readManifests(files, { ...options, cache }));
  figure('10,000 files of 4 objects parsed and validated', first.ms, 'ms', {
    objects: first.result.objects.length,
    problems: first.result.problems.length,
  });
  const again = await timed(() =>
    readManifests(
      files.map((file) => ({ ...file, bytes: null })),
      { ...options, cache },
    ),
  );
  figure('the same, nothing changed', again.ms, 'ms');
  const small = files.map(({ path, blob }) => ({
    path,
    blob,
    bytes: Buffer.from(applicationFile(Number(blob), 1).split('---\n')[3] ?? ''),
  }));
  const single = await timed(() => readManifests(small, options));
  figure('10,000 files of one Deployment parsed and validated', single.ms, 'ms', {
    aim: 2_000,
    objects: single.result.objects.length,
  });
}

/** The whole command, as shipped. */
async function validateOne(): Promise<void> {
  if (!existsSync(join(root, 'dist', 'pintle.sh')))
    execFileSync(process.execPath, [join(root, 'cmd', 'dev', 'build.ts')], { stdio: 'ignore' });
  await inTemporary(async (directory) => {
    writeFileSync(
      join(directory, 'app.yaml'),
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: team-1}\n---\n${applicationFile(1, 1)}`,
    );
    const run = (args: readonly string[]): number => {
      const start = performance.now();
      execFileSync(join(root, 'dist', 'pintle.sh'), args, { stdio: 'ignore', cwd: directory });
      return performance.now() - start;
    };
    run(['validate', 'app.yaml']);
    const validates = Array.from({ length: 15 }, () => run(['validate', 'app.yaml']));
    figure('pintle validate of one file, whole command', percentile(validates, 50), 'ms', {
      aim: 120,
      max: Math.round(Math.max(...validates)),
    });
    const versions = Array.from({ length: 15 }, () => run(['--version']));
    figure('pintle --version, whole command', percentile(versions, 50), 'ms');
    const bare = Array.from({ length: 15 }, () => {
      const start = performance.now();
      execFileSync(process.execPath, ['-e', '0'], { stdio: 'ignore' });
      return performance.now() - start;
    });
    figure('an empty Node, for comparison', percentile(bare, 50), 'ms');
  });
}

/** Durable writes of 2 KiB, by so many writers that each wait for their last. */
async function storeWrites(): Promise<void> {
  for (const writers of [1, 16, 64]) {
    await inTemporary(async (directory) => {
      const store = await sqliteStore({ directory });
      const value = Buffer.alloc(2048, 'x');
      const each = writers === 1 ? 2_000 : Math.ceil(12_000 / writers);
      const { ms } = await timed(() =>
        Promise.all(
          Array.from({ length: writers }, async (_, writer) => {
            for (let at = 0; at < each; at += 1)
              await store.append([{ key: `/bench/${writer}/${at}`, value }]);
          }),
        ),
      );
      figure('durable writes of 2 KiB', (writers * each) / (ms / 1000), 'writes/s', { writers });
      await store.close();
    });
  }
}

/** A first apply from a cold start, one changed file, restart, memory: at so many applications of four objects. */
async function daemonAt(applications: number, changes: number): Promise<void> {
  const objects = applications * 4 + 10;
  await inTemporary(async (directory) => {
    const repo = await generatedRepository(directory, applications);
    const head = (await repo.repository.resolve('main')) ?? '';
    const start = performance.now();
    let test = await daemonUnderTest(directory, repo.path);
    figure('first apply from a cold start', (await test.event(applied(head))) - start, 'ms', {
      objects,
      ...(applications === 1000 ? { aim: 5_000 } : {}),
    });
    await test.event((event) => event.type === 'summary' && event.healthy === event.total);
    const spans: number[] = [];
    for (let at = 0; at < changes; at += 1) {
      const { commit, atMs } = await repo.change((at * 37) % applications, at + 2);
      spans.push((await test.event(applied(commit))) - atMs);
    }
    figure('one changed file: pushed to applied, p50', percentile(spans, 50), 'ms', {
      objects,
      aim: 150,
      changes,
    });
    figure('one changed file: pushed to applied, p99', percentile(spans, 99), 'ms', {
      objects,
      aim: 500,
      changes,
    });
    const plans: number[] = [];
    for (let at = 0; at < 5; at += 1)
      plans.push((await timed(() => test.daemon.handlers.plan({ revision: null }))).ms);
    figure('a plan of everything with nothing to do', percentile(plans, 50), 'ms', { objects, aim: 200 });
    figure('resident memory', residentMb(), 'MB', {
      objects,
      ...(objects >= 10_000 && objects < 11_000 ? { aim: 300 } : {}),
    });
    await test.stop();
    const again = performance.now();
    test = await daemonUnderTest(directory, repo.path);
    await test.event((event) => event.type === 'summary');
    figure('ready again after a restart', performance.now() - again, 'ms', { objects, aim: 1_000 });
    await test.stop();
    await repo.repository.close();
  });
}

/** A daemon that follows a small repository. */
async function idle(): Promise<void> {
  await inTemporary(async (directory) => {
    mkdirSync(directory, { recursive: true });
    const repo = await generatedRepository(directory, 3);
    const test = await daemonUnderTest(directory, repo.path);
    await test.event((event) => event.type === 'summary' && event.healthy === event.total);
    figure('resident memory, idle', residentMb(), 'MB', { objects: 22, aim: 120 });
    await test.stop();
    await repo.repository.close();
  });
}

export const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  'validate-one': validateOne,
  'validate-many': validateMany,
  'store-writes': storeWrites,
  idle,
  'daemon-4000': () => daemonAt(1_000, 30),
  'daemon-10000': () => daemonAt(2_500, 30),
  'daemon-20000': () => daemonAt(5_000, 30),
};
