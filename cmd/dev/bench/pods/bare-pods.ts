import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolEnvironment } from '../../../../lib/base/run-program.ts';
import { readCgroupTree } from '../../../../lib/runtime/linux/cgroup/cgroup-tree.ts';
import { bundleFiles } from '../../../../lib/runtime/linux/linux-layout.ts';
import { type PodRunner, podProgram } from './pod-runner.ts';
import { runQuietly } from './run-quietly.ts';

/** The control group of whatever makes its own. */
export const BENCH_GROUP = '/pintle-bench';

/** What of a config.json is looked at here; the rest is passed on. */
type Config = {
  readonly root: object;
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly resources: object;
  } & Readonly<Record<string, unknown>>;
} & Readonly<Record<string, unknown>>;

/**
 * `create` and `start` of an OCI runtime, of a bundle as the driver wrote it, with namespaces of its own (a network without a cable) and
 * the limits in it. The overlay is mounted before, and crun is not shown version 2 beside version 1, which it refuses: both are not in
 * the figures.
 */
export async function barePods(
  directory: string,
  runtime: 'crun' | 'runc',
  bundleOfTemplate: string,
): Promise<PodRunner> {
  const template = JSON.parse(readFileSync(bundleFiles(bundleOfTemplate).config, 'utf8')) as Config;
  const base = join(directory, `bare-${runtime}`);
  const state = join(base, 'state');
  mkdirSync(state, { recursive: true });
  const outlook = await startOutlook();
  const inside = `--mount=/proc/${outlook.pid}/ns/mnt`;
  const words = (args: readonly string[]): readonly string[] => [
    inside,
    ...[runtime, '--root', state, ...args],
  ];
  const bundleOf = async (pod: string): Promise<string> => {
    const bundle = join(base, pod);
    for (const name of ['root', 'upper', 'work']) mkdirSync(join(bundle, name), { recursive: true });
    const layers = `lowerdir=${bundleFiles(bundleOfTemplate).layers}/0`;
    const options = `${layers},upperdir=${bundle}/upper,workdir=${bundle}/work`;
    const target = join(bundle, 'root');
    await runQuietly('nsenter', [inside, 'mount', '-t', 'overlay', '-o', options, 'overlay', target]);
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(configOf(template, { bundle, pod })));
    return bundle;
  };
  const ready = new Map<string, string>();
  return {
    name: `bare ${runtime}`,
    prepare: async (pod) => void ready.set(pod, await bundleOf(pod)),
    up: async (pod) => {
      const bundle = ready.get(pod) ?? (await bundleOf(pod));
      const child = spawn('nsenter', words(['create', '--bundle', bundle, pod]), {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: toolEnvironment(),
      });
      // Its output stays open in the container.
      const said = once(child.stdout, 'data');
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`${runtime} create ended with ${code}`);
      await runQuietly('nsenter', words(['start', pod]));
      await said;
      child.stdout.destroy();
    },
    down: async (pod) => void (await runQuietly('nsenter', words(['delete', '--force', pod]))),
    memory: () => ({}),
    close: async () => {
      outlook.kill('SIGKILL');
      await once(outlook, 'exit');
      removeBenchGroup();
    },
  };
}

function configOf(template: Config, at: { readonly bundle: string; readonly pod: string }): Config {
  const { cpuMillis, memoryBytes } = podProgram;
  return {
    ...template,
    root: { ...template.root, path: join(at.bundle, 'root') },
    linux: {
      ...template.linux,
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      cgroupsPath: join(BENCH_GROUP, at.pod),
      resources: {
        ...template.linux.resources,
        cpu: { period: 100_000, quota: cpuMillis * 100 },
        memory: { limit: memoryBytes },
        pids: { limit: 1_000 },
      },
    },
  };
}

/** A mount namespace held by a process: the overlays are in it and go with it, and no version 2 stands beside version 1. */
async function startOutlook(): Promise<ChildProcess> {
  const { hidden } = readCgroupTree();
  const second = hidden.find((path) => !path.endsWith('/memory'));
  const script = `${second === undefined ? '' : `umount ${second} && `}echo ready && exec sleep 100000`;
  const child = spawn('unshare', ['--mount', '--propagation', 'slave', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** In every hierarchy, where nothing is left in it. */
export function removeBenchGroup(): void {
  for (const root of readCgroupTree().roots) {
    try {
      rmdirSync(join(root, BENCH_GROUP));
    } catch {
      // Not there, or another's pods are in it.
    }
  }
}
