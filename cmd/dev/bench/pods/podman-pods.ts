import { existsSync, mkdirSync, readdirSync, rmdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCgroupTree } from '../../../../lib/runtime/linux/cgroup/cgroup-tree.ts';
import { busyboxArchive } from './bench-image.ts';
import { type PodRunner, podProgram } from './pod-runner.ts';
import { runQuietly } from './run-quietly.ts';

const IMAGE = 'localhost/bench:1';
/** Source: podman's own parent of its groups with the manager cgroupfs. */
const GROUP = 'libpod_parent';

/** A podman with files of its own; with `ownNetwork`, its networks and all its rules live in a namespace that goes with it. */
export async function privatePodman(
  directory: string,
  { ownNetwork = true }: { readonly ownNetwork?: boolean } = {},
): Promise<{ run(args: readonly string[]): Promise<string>; close(): Promise<void> }> {
  const base = join(directory, 'podman');
  mkdirSync(join(base, 'networks'), { recursive: true });
  const conf = join(base, 'containers.conf');
  writeFileSync(
    conf,
    `[containers]
default_ulimits=["nofile=20000:20000","nproc=4096:4096"]
[network]
network_config_dir="${base}/networks"
[engine]
cgroup_manager="cgroupfs"
events_logger="none"
runtime="runc"
tmp_dir="${base}/tmp"
`,
  );
  const namespace = `pintle-bench-${process.pid}`;
  if (ownNetwork) await runQuietly('ip', ['netns', 'add', namespace]);
  const own = [`--net=${ownNetwork ? `/run/netns/${namespace}` : '/proc/self/ns/net'}`, 'podman'];
  const places = ['--root', join(base, 'root'), '--runroot', join(base, 'run')];
  const before = groups();
  return {
    run: (args) => runQuietly('nsenter', [...own, ...places, ...args], { CONTAINERS_CONF: conf }),
    close: async () => {
      await runQuietly('nsenter', [...own, ...places, 'pod', 'rm', '-f', '-t', '0', '-a'], {
        CONTAINERS_CONF: conf,
      });
      await runQuietly('nsenter', [...own, ...places, 'rmi', '-f', '-a'], { CONTAINERS_CONF: conf });
      if (ownNetwork) await runQuietly('ip', ['netns', 'del', namespace]);
      for (const path of groups()) if (!before.includes(path)) removeGroup(path);
    },
  };
}

/** `podman kube play` of a manifest for each pod, and `podman pod rm --force --time 0`. */
export async function podmanPods(directory: string): Promise<PodRunner> {
  const podman = await privatePodman(directory);
  const archive = join(directory, 'podman-image.tar');
  writeFileSync(archive, busyboxArchive(IMAGE));
  await podman.run(['load', '--quiet', '--input', archive]);
  const out = join(directory, 'podman', 'out');
  mkdirSync(out);
  const playing = new Map<string, Promise<string>>();
  return {
    name: 'podman kube play',
    up: async (pod) => {
      const path = join(directory, 'podman', `${pod}.json`);
      writeFileSync(path, JSON.stringify(manifestOf(pod, out)));
      const said = whenThere(out, pod);
      const play = podman.run(['kube', 'play', path]);
      playing.set(pod, play);
      await Promise.race([said, play.then(() => said)]);
    },
    down: async (pod) => {
      await playing.get(pod);
      await podman.run(['pod', 'rm', '--force', '--time', '0', pod]);
    },
    memory: () => ({}),
    close: async () => {
      await Promise.allSettled(playing.values());
      await podman.close();
    },
  };
}

/** Its first line goes to a file on the machine: who asks podman for it waits for one more program. */
function manifestOf(pod: string, out: string): object {
  const limits = { cpu: `${podProgram.cpuMillis}m`, memory: String(podProgram.memoryBytes) };
  const main = {
    ...{ name: 'main', image: IMAGE, imagePullPolicy: 'Never', resources: { limits } },
    command: podProgram.argv(`echo ready >/out/${pod}`),
    volumeMounts: [{ name: 'out', mountPath: '/out' }],
  };
  const volumes = [{ name: 'out', hostPath: { path: out } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod }, spec: { containers: [main], volumes } };
}

function whenThere(directory: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(directory, () => {
      if (!existsSync(join(directory, name))) return;
      watcher.close();
      resolve();
    });
  });
}

function groups(): readonly string[] {
  return readCgroupTree()
    .roots.map((root) => join(root, GROUP))
    .filter((path) => existsSync(path));
}

function removeGroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(path, entry.name));
  rmdirSync(path);
}
