import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { codeOf, WorldError } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { sendSignal } from '../../agent/sweep.ts';
import type { SandboxNode } from '../../driver.ts';
import { type CgroupLimits, cgroupLimits, cgroupWrites } from '../oci/cgroup-limits.ts';
import type { CgroupTree } from './cgroup-tree.ts';

/** The control groups of one container. */
export type ContainerGroups = {
  /** For launchers: where they make a group of their own, below ours. Beneath every hierarchy. */
  readonly launcherPath: string;
  /** All there may be of it, children before their parents. */
  readonly all: readonly string[];
  /** The cgroup.procs of the groups that hold it, where nobody else makes one. */
  readonly procs: readonly string[];
  /** Of `procs`, what a launcher is not shown and has to be in before it starts. */
  readonly hiddenProcs: readonly string[];
  readonly oomFile: string | null;
  /** The same of a launcher's own group. */
  readonly launcherOomFile: string | null;
  readonly freezer: { readonly path: string; readonly version: 1 | 2 } | null;
};

/** Begins the name of a group of a node, which no pod's does. */
const NODE_PREFIX = '@';

/**
 * `/pintle/<digest of the data directory>/<pod>/<container>.<attempt>/run` in every hierarchy; the pods of a node that has limits are in
 * a group of its own, `@<node>`, above them. Limits are set on the container's group
 * by us, whichever launcher there is; `run` is the launcher's, with the devices.
 */
export class PodGroups {
  readonly #tree: CgroupTree;
  readonly #base: string;
  readonly #clock: Clock;
  /** Where each pod's group is: below the base, or below its node's. */
  readonly #paths = new Map<string, string>();

  /** `owner`: the pods' directory. */
  constructor(options: { readonly tree: CgroupTree; readonly owner: string; readonly clock: Clock }) {
    this.#tree = options.tree;
    this.#clock = options.clock;
    this.#base = `/pintle/${groupName(options.owner)}`;
  }

  /** Throws WorldError DRIVER_FAILED where groups cannot be made. A node's limits are what they were when its last pod was made. */
  createPod(podUid: string, limit: CgroupLimits, node?: SandboxNode): void {
    const hasLimits = node !== undefined && (node.cpuLimitMillis !== null || node.memoryLimitBytes !== null);
    if (hasLimits) {
      const above = `${this.#base}/${NODE_PREFIX}${node.name}`;
      this.#make(above, nodeLimits(node));
      this.#paths.set(podUid, `${above}/${podUid}`);
    }
    this.#make(this.#pathOf(podUid), limit);
  }

  createContainer(podUid: string, name: string, limit: CgroupLimits): void {
    const path = `${this.#pathOf(podUid)}/${name}`;
    this.#make(path, limit);
    if (this.#tree.version !== 'v2') return;
    // No process may be where controllers are handed on, so it is the launcher's group that holds it, or this one.
    for (const root of this.#tree.hierarchies.values())
      mkdirSync(join(root, path, 'run'), { recursive: true });
  }

  of(podUid: string, name: string): ContainerGroups {
    const path = `${this.#pathOf(podUid)}/${name}`;
    const { version, hierarchies, hidden, roots } = this.#tree;
    const own = version === 'v2' ? `${path}/run` : path;
    const held = [...new Set(hierarchies.values())];
    const freezer = hierarchies.get(version === 'v2' ? '' : 'freezer');
    const memory = hierarchies.get(version === 'v2' ? '' : 'memory');
    const oomName = version === 'v2' ? 'memory.events' : 'memory.oom_control';
    return {
      launcherPath: `${path}/run`,
      all: roots.flatMap((root) => [join(root, path, 'run'), join(root, path)]),
      procs: held.map((root) => join(root, own, 'cgroup.procs')),
      hiddenProcs: held
        .filter((root) => hidden.includes(root))
        .map((root) => join(root, own, 'cgroup.procs')),
      oomFile: memory === undefined ? null : join(memory, path, oomName),
      launcherOomFile:
        memory === undefined ? null : join(memory, own === path ? `${path}/run` : path, oomName),
      freezer:
        freezer === undefined ? null : { path: join(freezer, path), version: version === 'v2' ? 2 : 1 },
    };
  }

  /** Of a controller of version 1, or of version 2 whatever is asked; null where there is none. */
  directory(controller: string, podUid: string, name: string): string | null {
    const root = this.#tree.hierarchies.get(this.#tree.version === 'v2' ? '' : controller);
    return root === undefined ? null : join(root, this.#pathOf(podUid), name);
  }

  /** Every pod that has a group. */
  pods(): readonly string[] {
    const own = this.#tree.roots.flatMap((root) => directoriesIn(join(root, this.#base)));
    const ofNodes = this.#nodes().flatMap((name) =>
      this.#tree.roots.flatMap((root) => directoriesIn(join(root, this.#base, name))),
    );
    return [...new Set([...own.filter((name) => !name.startsWith(NODE_PREFIX)), ...ofNodes])];
  }

  /** Kills all that is left in a pod's groups and removes them. Throws WorldError DRIVER_FAILED when something will not go. */
  async removePod(podUid: string): Promise<void> {
    const path = this.#pathOf(podUid);
    const tops = this.#tree.roots.map((root) => join(root, path));
    for (let round = 0; round < limits.sweepRoundsMax; round += 1) {
      const left = tops.filter((top) => !removeGroup(top));
      if (left.length === 0) {
        this.#paths.delete(podUid);
        this.#removeNodes();
        return;
      }
      await new Promise<void>((resolve) => void this.#clock.setTimer(round < 5 ? 1 : 20, resolve));
    }
    throw new WorldError('DRIVER_FAILED', `processes of pod ${podUid} will not end`);
  }

  /** Removes what is ours when no pod is left. */
  removeEmpty(): void {
    this.#removeNodes();
    for (const root of this.#tree.roots)
      for (const path of [this.#base, '/pintle']) {
        try {
          rmdirSync(join(root, path));
        } catch {
          // Another daemon's pods are in it, or it is not there.
        }
      }
  }

  /** Groups of nodes, by name. */
  #nodes(): readonly string[] {
    const all = this.#tree.roots.flatMap((root) => directoriesIn(join(root, this.#base)));
    return [...new Set(all)].filter((name) => name.startsWith(NODE_PREFIX));
  }

  /** As it was made, by us or by who was before us. */
  #pathOf(podUid: string): string {
    const known = this.#paths.get(podUid);
    if (known !== undefined) return known;
    const { roots } = this.#tree;
    const above = this.#nodes().find((node) =>
      roots.some((root) => existsSync(join(root, this.#base, node, podUid))),
    );
    const path = above === undefined ? `${this.#base}/${podUid}` : `${this.#base}/${above}/${podUid}`;
    this.#paths.set(podUid, path);
    return path;
  }

  /** Those without pods. */
  #removeNodes(): void {
    for (const name of this.#nodes())
      for (const root of this.#tree.roots) {
        try {
          rmdirSync(join(root, this.#base, name));
        } catch {
          // Pods are in it, or it is not there.
        }
      }
  }

  #make(path: string, limit: CgroupLimits): void {
    const { version, hierarchies } = this.#tree;
    if (version === 'none') return;
    for (const root of new Set(hierarchies.values())) {
      if (version === 'v2') handOn(root, path);
      mkdirSync(join(root, path), { recursive: true, mode: 0o755 });
    }
    for (const { controller, file, value, optional } of cgroupWrites(limit, version)) {
      const root = hierarchies.get(version === 'v2' ? '' : controller);
      if (root === undefined || (optional && !existsSync(join(root, path, file)))) continue;
      try {
        writeFileSync(join(root, path, file), value);
      } catch (thrown) {
        if (!optional) throw thrown;
      }
    }
  }
}

function nodeLimits({ cpuLimitMillis, memoryLimitBytes }: SandboxNode): CgroupLimits {
  const requests = { cpuRequestMillis: null, memoryRequestBytes: null };
  return cgroupLimits({ ...requests, cpuLimitMillis, memoryLimitBytes }, null);
}

/** The group of all pods of one pods' directory, below `/pintle`. */
export function groupName(owner: string): string {
  return createHash('sha256').update(owner).digest('hex').slice(0, 12);
}

/** Version 2: a group has the controllers that those above it hand on. */
function handOn(root: string, path: string): void {
  const names = path.split('/').filter((name) => name !== '');
  for (let depth = 0; depth < names.length; depth += 1) {
    const above = join(root, ...names.slice(0, depth));
    mkdirSync(above, { recursive: true });
    const wanted = ['cpu', 'memory', 'pids'];
    const there = readFileSync(join(above, 'cgroup.controllers'), 'latin1').trim().split(' ');
    const missing = wanted.filter((name) => there.includes(name)).map((name) => `+${name}`);
    if (missing.length > 0) writeFileSync(join(above, 'cgroup.subtree_control'), missing.join(' '));
  }
}

/** True when it is gone. Kills what is in it; what dies is gone by the next call. */
function removeGroup(path: string): boolean {
  let gone = true;
  for (const name of directoriesIn(path)) gone = removeGroup(join(path, name)) && gone;
  try {
    for (const line of readFileSync(join(path, 'cgroup.procs'), 'latin1').split('\n')) {
      if (line !== '') sendSignal(Number(line), 'SIGKILL');
    }
  } catch (thrown) {
    // A threaded group has no such list, and one that goes has none any more.
    if (!['ENOENT', 'ENODEV', 'EOPNOTSUPP'].includes(String(codeOf(thrown)))) throw thrown;
  }
  if (!gone) return false;
  try {
    rmdirSync(path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return true;
    if (codeOf(thrown) === 'EBUSY') return false;
    throw thrown;
  }
}

function directoriesIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}
