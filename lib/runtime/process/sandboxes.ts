import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, WorldError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { removeTree } from '../../base/remove-tree.ts';
import type { SandboxSpec } from '../driver.ts';
import { sandboxLimitations } from './plan-launch.ts';
import { planPorts, SPARE_PORTS } from './plan-ports.ts';
import { addressAt, nextIndex, type PodRange, parsePodRange } from './pod-address.ts';
import { isPodUid, makePodDirectories } from './pod-layout.ts';
import { type PodUsers, podUserAt } from './pod-user.ts';
import { firstUnprivilegedPort, portIsFree } from './port-is-free.ts';
import { readRecords, type SandboxRecord, writeRecord } from './sandbox-record.ts';

const REMOVED = '.removed-';

/** The sandboxes of one pods' directory: an address, a user, ports and directories each. The disk is the truth. */
export class Sandboxes {
  readonly #root: string;
  readonly #range: PodRange;
  readonly #users: PodUsers;
  readonly #log: Log;
  readonly #records = new Map<string, SandboxRecord>();
  /** Another one for each directory: daemons that start pods in the same moment seldom try the same ports. */
  readonly #spareFrom: number;
  /** By the part of the range it was given out of. */
  readonly #lastIndex = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly root: string;
    readonly range: PodRange;
    readonly users: PodUsers;
    readonly log: Log;
  }) {
    this.#root = options.root;
    this.#spareFrom = createHash('sha256').update(options.root).digest().readUInt16BE(0);
    this.#range = options.range;
    this.#users = options.users;
    this.#log = options.log;
  }

  /** Reads what is there, and finishes what a crash left half made or half removed. */
  load(): void {
    const { records, others } = readRecords(this.#root);
    this.#records.clear();
    for (const record of records) this.#records.set(record.podUid, record);
    this.#lastIndex.clear();
    for (const name of others) {
      const halfMade = isPodUid(name) && !existsSync(join(this.#root, name, 'containers'));
      // Nothing waits for it: what pods made may take long, and a directory that will not go must not keep us from starting.
      if (halfMade || name.startsWith(REMOVED)) void this.#removeFiles(name);
    }
  }

  all(): readonly SandboxRecord[] {
    return [...this.#records.values()];
  }

  /** Throws WorldError DRIVER_FAILED when there is none. */
  get(podUid: string): SandboxRecord {
    const record = this.#records.get(podUid);
    if (record === undefined) throw new WorldError('DRIVER_FAILED', `there is no sandbox ${podUid}`);
    return record;
  }

  has(podUid: string): boolean {
    return this.#records.has(podUid);
  }

  /** One after the other: each sees the ports and addresses of those before it. */
  create(spec: SandboxSpec): Promise<SandboxRecord> {
    const turn = this.#turn.then(() => this.#create(spec));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Forgets the sandbox and removes its files; its processes are gone already. */
  async remove(podUid: string): Promise<void> {
    this.#records.delete(podUid);
    await this.#removeFiles(podUid);
  }

  /** Whether nothing but our own is left in the pods' directory. */
  isEmpty(): boolean {
    return readdirSync(this.#root).every((name) => name === '.bin' || name.startsWith(REMOVED));
  }

  /** Out of the way first, so that the name is free. CRASH: `load` removes the rest. */
  async #removeFiles(name: string): Promise<void> {
    const path = join(this.#root, name);
    if (!existsSync(path)) return;
    const removed = name.startsWith(REMOVED)
      ? path
      : join(this.#root, `${REMOVED}${name}.${systemRandom().suffix(20)}`);
    if (removed !== path) renameSync(path, removed);
    try {
      await removeTree(removed);
    } catch (thrown) {
      this.#log.warn('pod-files-remain', { path: removed, message: messageOf(thrown) });
    }
  }

  async #create(spec: SandboxSpec): Promise<SandboxRecord> {
    const known = this.#records.get(spec.podUid);
    if (known !== undefined) return known;
    if (!isPodUid(spec.podUid)) throw new WorldError('DRIVER_FAILED', `not a pod uid: ${spec.podUid}`);
    const others = this.all();
    const index = this.#freeIndex(spec.node?.podCIDR);
    if (index === null) throw new WorldError('DRIVER_FAILED', 'all pod addresses are in use');
    const user = podUserAt(this.#users, index);
    const ports = await planPorts({
      wanted: spec.ports,
      taken: new Set(others.flatMap((other) => other.ports.flat())),
      firstUnprivileged: (user ?? process.getuid?.() ?? 0) === 0 ? 0 : firstUnprivilegedPort(),
      spareFrom: (this.#spareFrom + index * 7) % (SPARE_PORTS.last - SPARE_PORTS.first),
      isFree: portIsFree,
    });
    const { podUid, namespace, name, hostname } = spec;
    const record: SandboxRecord = {
      podUid,
      nodeName: spec.node?.name ?? null,
      namespace,
      name,
      hostname,
      index,
      podIP: addressAt(this.#range, index),
      user,
      ports,
      limitations: sandboxLimitations({ ports, user }),
    };
    makePodDirectories(this.#root, podUid, user);
    // CRASH: directories without a record are removed by `load`, or used by the same call again.
    writeRecord(this.#root, record);
    this.#records.set(podUid, record);
    return record;
  }

  /** In the whole range; of a part of it only where there is one. null: all are taken. */
  #freeIndex(part = ''): number | null {
    const within = part === '' ? this.#range : parsePodRange(part);
    const offset = within.base - this.#range.base;
    const ours = offset >= 0 && offset + within.size <= this.#range.size ? { within, offset } : null;
    const { within: range, offset: from } = ours ?? { within: this.#range, offset: 0 };
    const taken = new Set(this.all().map(({ index }) => index - from));
    const inPart = [...taken].filter((index) => index > 0 && index < range.size);
    const last = this.#lastIndex.get(part) ?? Math.max(0, ...inPart);
    const index = nextIndex(range, taken, last);
    if (index === null) return null;
    this.#lastIndex.set(part, index);
    return from + index;
  }
}
