import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { toolEnvironment } from '../../../../lib/base/run-program.ts';
import { BENCH_GROUP, removeBenchGroup } from './bare-pods.ts';
import { busyboxArchive } from './bench-image.ts';
import { type PodRunner, podProgram } from './pod-runner.ts';
import { runQuietly } from './run-quietly.ts';

const IMAGE = 'localhost/bench:1';
/** Of every containerd of the machine, whatever its configuration says: sockets of its shims, state of runc. */
const SHARED = '/run/containerd';
const READY_MS = 15_000;
const LOOK_MS = 50;

/**
 * `ctr run` of a container with a network namespace without a cable, by a containerd with files of its own: what its interface for pods
 * does more (a cable by plugins, a pause container) is not in the figures.
 */
export async function containerdPods(directory: string): Promise<PodRunner> {
  const base = join(directory, 'containerd');
  mkdirSync(base);
  const socket = join(base, 'socket');
  const config = join(base, 'config.toml');
  const places = `root = "${base}/root"\nstate = "${base}/state"\n[grpc]\naddress = "${socket}"\n`;
  writeFileSync(config, `version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n${places}`);
  const daemon = spawn('containerd', ['--config', config], { stdio: 'ignore', env: toolEnvironment() });
  const gone = once(daemon, 'exit');
  const clients = new Map<string, Promise<unknown[]>>();
  const shared = existsSync(SHARED);
  const ctr = (...args: readonly string[]): Promise<string> =>
    runQuietly('ctr', ['--address', socket, '--namespace', 'bench', ...args]);
  const close = async (): Promise<void> => {
    daemon.kill('SIGTERM');
    await gone;
    removeBenchGroup();
    if (!shared) rmSync(SHARED, { recursive: true, force: true });
  };
  try {
    await ready(ctr);
    const archive = join(directory, 'containerd-image.tar');
    writeFileSync(archive, busyboxArchive(IMAGE));
    await ctr('images', 'import', archive);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const { argv, memoryBytes, cpuMillis } = podProgram;
  const limits = ['--memory-limit', String(memoryBytes), '--cpus', String(cpuMillis / 1000)];
  return {
    name: 'containerd by ctr, no cable',
    up: async (pod) => {
      const words = ['run', '--cgroup', join(BENCH_GROUP, pod), ...limits, IMAGE, pod, ...argv('echo ready')];
      const child = spawn('ctr', ['--address', socket, '--namespace', 'bench', ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: toolEnvironment(),
      });
      const ended = once(child, 'exit');
      clients.set(pod, ended);
      const [first] = await Promise.race([once(child.stdout, 'data'), ended]);
      if (typeof first === 'number') throw new Error(`ctr run ended with ${first}`);
    },
    down: async (pod) => {
      await ctr('tasks', 'kill', '--signal', 'SIGKILL', pod);
      // It takes the task away, and its container's network with it.
      await clients.get(pod);
      await ctr('containers', 'delete', pod);
    },
    memory: () => ({}),
    close,
  };
}

async function ready(ctr: (...args: readonly string[]) => Promise<string>): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const fine = await ctr('version').then(
      () => true,
      () => false,
    );
    if (fine) return;
    if (performance.now() > deadline) throw new Error('containerd does not begin to serve');
    await pause(LOOK_MS);
  }
}
