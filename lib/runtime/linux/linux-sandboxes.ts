import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { bootId } from '../../base/companion/process-identity.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { removeTree } from '../../base/remove-tree.ts';
import type { SandboxSpec } from '../driver.ts';
import { turns } from '../image/store/turns.ts';
import { isPodUid } from '../process/pod-layout.ts';
import type { PodGroups } from './cgroup/pod-groups.ts';
import { linuxLayout } from './linux-layout.ts';
import { type LinuxRecord, readLinuxRecords, writeLinuxRecord } from './linux-record.ts';
import type { PodNetwork } from './net/pod-network.ts';
import { cgroupLimits } from './oci/cgroup-limits.ts';
import { sysctlRefusal } from './oci/sysctls.ts';
import { endPidNamespace, holdPidNamespace } from './pid-holder.ts';
import { writePodEtc } from './pod-etc.ts';
import { makePodPlace, removePodPlace } from './pod-places.ts';
import { removeUpper } from './uppers.ts';

const REMOVED = '.removed-';
/** Its group. No container's is named so: theirs have a dot and a number. */
const HOLDER = 'pid-holder';

type Options = {
  readonly root: string;
  readonly groups: PodGroups;
  readonly network: Pick<PodNetwork, 'attach' | 'detach'>;
  /** The machine's own address, for pods in its network. */
  readonly hostIP: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

/** The sandboxes of one pods' directory: network, namespaces, groups and files each. The disk is the truth. */
export class LinuxSandboxes {
  readonly #options: Options;
  readonly #records = new Map<string, LinuxRecord>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #making = turns({ atOnce: limits.podStartsAtOnce, waitingMax: limits.containersMax });

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Reads what is there. What a crash left half made or half removed is taken away, and everything of another boot of the machine:
   * nothing of it runs any more. To be called before an agent takes up the containers.
   */
  async load(): Promise<void> {
    const { root, groups } = this.#options;
    const { records, others } = readLinuxRecords(root);
    this.#records.clear();
    const now = bootId();
    const dead = records.filter((record) => record.bootId !== now).map(({ podUid }) => podUid);
    for (const record of records) if (record.bootId === now) this.#records.set(record.podUid, record);
    const strays = groups.pods().filter((podUid) => !this.#records.has(podUid));
    for (const podUid of new Set([...dead, ...others, ...strays])) await this.#takeAway(podUid);
    for (const name of readdirSync(root))
      if (name.startsWith(REMOVED)) void this.#removeTree(join(root, name));
  }

  all(): readonly LinuxRecord[] {
    return [...this.#records.values()];
  }

  has(podUid: string): boolean {
    return this.#records.has(podUid);
  }

  /** Throws WorldError DRIVER_FAILED when there is none. */
  get(podUid: string): LinuxRecord {
    const record = this.#records.get(podUid);
    if (record === undefined) throw new WorldError('DRIVER_FAILED', `there is no sandbox ${podUid}`);
    return record;
  }

  create(spec: SandboxSpec): Promise<LinuxRecord> {
    return this.#inTurn(spec.podUid, () => this.#create(spec));
  }

  /** What its containers share is there; made anew where the process that held it was killed, and all of them with it. */
  ensure(podUid: string): Promise<LinuxRecord> {
    return this.#inTurn(podUid, async () => {
      const record = this.get(podUid);
      await this.#holdPids(record.spec);
      return record;
    });
  }

  /** Its containers are gone already. */
  remove(podUid: string): Promise<void> {
    return this.#inTurn(podUid, async () => {
      if (!this.#records.has(podUid)) return;
      await this.#takeAway(podUid);
      this.#records.delete(podUid);
    });
  }

  async #create(spec: SandboxSpec): Promise<LinuxRecord> {
    const { root, groups, network, hostIP } = this.#options;
    const { podUid } = spec;
    const known = this.#records.get(podUid);
    if (known !== undefined) return known;
    if (!isPodUid(podUid)) throw new WorldError('DRIVER_FAILED', `not a pod uid: ${podUid}`);
    const refusal = sysctlRefusal(spec);
    if (refusal !== null) throw new WorldError('SYSCTL_FORBIDDEN', refusal);
    // CRASH: what is made without a record is made anew by the same call, or taken away by `load`, which knows it by this directory.
    mkdirSync(linuxLayout(root, podUid).directory, { recursive: true, mode: 0o700 });
    const making = this.#making.take(() => makePodPlace(this.#options, spec));
    const attaching = spec.hostNetwork === true ? null : network.attach(podUid, spec.node?.podCIDR);
    // Whatever fails first, nothing of it goes on behind the back of who takes it away.
    await Promise.allSettled([making, attaching]);
    await making;
    const attached = await attaching;
    groups.createPod(podUid, cgroupLimits(spec.resources ?? NOTHING, limits.podProcessesMax), spec.node);
    const podIP = attached?.podIP ?? hostIP;
    writePodEtc(root, spec, podIP);
    const netns = attached?.netns ?? null;
    await this.#holdPids(spec);
    const record: LinuxRecord = { podUid, bootId: bootId(), podIP, netns, spec, limitations: [] };
    writeLinuxRecord(root, record);
    this.#records.set(podUid, record);
    return record;
  }

  async #holdPids({ podUid, shareProcessNamespace, hostPID }: SandboxSpec): Promise<void> {
    const { groups, root, clock } = this.#options;
    if (shareProcessNamespace !== true || hostPID === true) return;
    groups.createContainer(podUid, HOLDER, cgroupLimits(NOTHING, null));
    await holdPidNamespace({ root, podUid, clock, procs: groups.of(podUid, HOLDER).procs });
  }

  /** The record goes last but for the files, so that whoever dies here is followed by one who tries again. */
  async #takeAway(podUid: string): Promise<void> {
    const { groups, network, root } = this.#options;
    endPidNamespace(root, podUid);
    await groups.removePod(podUid);
    await network.detach(podUid);
    await removePodPlace(this.#options, podUid);
    removeUpper(root, podUid);
    await this.#removeFiles(podUid);
  }

  /** Out of the way first, so that the name is free. CRASH: `load` removes the rest. */
  async #removeFiles(podUid: string): Promise<void> {
    const { root, random } = this.#options;
    const path = join(root, podUid);
    if (!existsSync(path)) return;
    const removed = join(root, `${REMOVED}${podUid}.${random.suffix(20)}`);
    renameSync(path, removed);
    await this.#removeTree(removed);
  }

  async #removeTree(path: string): Promise<void> {
    try {
      await removeTree(path);
    } catch (thrown) {
      this.#options.log.warn('pod-files-remain', { path, message: messageOf(thrown) });
    }
  }

  #inTurn<T>(podUid: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(podUid) ?? Promise.resolve()).then(work, work);
    this.#turns.set(podUid, turn);
    const done = (): void => {
      if (this.#turns.get(podUid) === turn) this.#turns.delete(podUid);
    };
    turn.then(done, done);
    return turn;
  }
}

const NOTHING = {
  cpuRequestMillis: null,
  cpuLimitMillis: null,
  memoryRequestBytes: null,
  memoryLimitBytes: null,
} as const;
