import { existsSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Clock, Timer } from '../../../base/clock.ts';
import { messageOf, WorldError } from '../../../base/errors.ts';
import { timings } from '../../../base/limits.ts';
import type { Log } from '../../../base/log.ts';
import type { Random } from '../../../base/random.ts';
import { Bridge, type NetworkTrouble } from './bridge.ts';
import { hostLinks } from './host-network.ts';
import { IpBatch, type IpFailure } from './ip-batch.ts';
import type { NetworkPlan } from './network-plan.ts';
import { plugCommands, podCommands } from './pod-commands.ts';
import { type PodRecord, PodRecords } from './pod-records.ts';

export type PodAttachment = {
  /** `/run/netns/…`, to be entered. */
  readonly netns: string;
  /** IPv4; there is no other family here. */
  readonly podIP: string;
};

/**
 * The network of one data directory's pods: a bridge, and for each pod a namespace with a cable to it and an address. All of it
 * outlives the caller. Calls are idempotent by pod uid. World failures: WorldError IPROUTE_MISSING | IPROUTE_FAILED | NO_POD_ADDRESS |
 * NO_NETWORK_RANGE | NETWORK_DENIED.
 */
export type PodNetwork = {
  /** Makes the bridge or finds it as it was left, and sweeps away what belongs to no pod. Idempotent. */
  open(): Promise<NetworkPlan>;
  /** `podCIDR`: the part of the range of addresses that the pod's is to lie in. */
  attach(podUid: string, podCIDR?: string): Promise<PodAttachment>;
  detach(podUid: string): Promise<void>;
  /** Pods that have a network. */
  list(): readonly ({ readonly podUid: string } & PodAttachment)[];
  /** What this machine cannot do for pods now, and why. Known once it is open. */
  troubles(): readonly NetworkTrouble[];
  /** Leaves everything as it is. */
  close(): Promise<void>;
  /** Takes everything back: namespaces, cables, rules, the bridge (`pintle down`). */
  shutDown(): Promise<void>;
};

export type PodNetworkOptions = {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the machine's boot: what was made in another is gone. Source: /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
};

export function podNetwork(options: PodNetworkOptions): PodNetwork {
  const network = new Network(options);
  return {
    open: () => network.open(),
    attach: (podUid, podCIDR) => network.inTurn(podUid, () => network.attach(podUid, podCIDR)),
    detach: (podUid) => network.inTurn(podUid, () => network.detach(podUid)),
    list: () => network.records.all().map((record) => ({ podUid: record.podUid, ...attachmentOf(record) })),
    troubles: () => network.bridge.troubles,
    close: () => network.close(),
    shutDown: () => network.shutDown(),
  };
}

/** Source: ip-netns(8). */
const NETNS_DIRECTORY = '/run/netns';

const attachmentOf = ({ netns, podIP }: PodRecord): PodAttachment => ({
  netns: join(NETNS_DIRECTORY, netns),
  podIP,
});

/** Source: sysfs. */
const LINKS = '/sys/class/net';

/** Whether a cable is there and plugged into the bridge. */
function isOn(link: string, { bridge }: NetworkPlan): boolean {
  try {
    return basename(readlinkSync(join(LINKS, link, 'master'))) === bridge;
  } catch {
    return false;
  }
}

class Network {
  readonly records: PodRecords;
  readonly bridge: Bridge;
  readonly #options: PodNetworkOptions;
  readonly #directory: string;
  readonly #making: IpBatch;
  /** Apart: taking a cable away takes the kernel ten times as long as laying one. */
  readonly #removing: IpBatch;
  readonly #turns = new Map<string, Promise<unknown>>();
  #open: Promise<NetworkPlan> | null = null;
  #timer: Timer | null = null;
  #checking: Promise<void> = Promise.resolve();

  constructor(options: PodNetworkOptions) {
    this.#options = options;
    this.#directory = join(options.dataDirectory, 'network');
    this.records = new PodRecords(join(this.#directory, 'pods'));
    this.#making = new IpBatch(options.clock);
    this.#removing = new IpBatch(options.clock);
    this.bridge = new Bridge({ ...options, directory: this.#directory, batch: this.#making });
  }

  open(): Promise<NetworkPlan> {
    this.#open ??= this.#opened().catch((thrown: unknown) => {
      this.#open = null;
      throw thrown;
    });
    return this.#open;
  }

  /** One thing at a time happens to a pod. */
  inTurn<T>(podUid: string, run: () => Promise<T>): Promise<T> {
    const next = (this.#turns.get(podUid) ?? Promise.resolve()).then(run, run);
    const over = next.then(
      () => {},
      () => {},
    );
    this.#turns.set(podUid, over);
    void over.then(() => {
      if (this.#turns.get(podUid) === over) this.#turns.delete(podUid);
    });
    return next;
  }

  async attach(podUid: string, podCIDR?: string): Promise<PodAttachment> {
    const plan = await this.open();
    const known = this.records.get(podUid);
    if (known !== undefined && (await this.#isWhole(known, plan))) return attachmentOf(known);
    // CRASH: half made, by us or by who was before us. Its address stays its own.
    if (known !== undefined) await this.#unmake(known);
    const record: PodRecord = {
      podUid,
      podIP: known?.podIP ?? this.records.freeAddress(plan, podCIDR),
      netns: `${plan.bridge}-${podUid}`,
      link: `${plan.bridge.replace('pintle', 'pt')}-${this.#options.random.suffix(8)}`,
      bootId: this.#options.bootId,
    };
    this.records.put(record);
    // CRASH: whoever comes next sweeps away what has no whole record, or goes on with the pod that has one.
    const failures = await this.#make(record, plan);
    if (failures.length === 0) return attachmentOf(record);
    await this.#unmake(record);
    this.records.remove(podUid);
    throw new WorldError('IPROUTE_FAILED', `no network for the pod: ${textOf(failures)}`, { failures });
  }

  async detach(podUid: string): Promise<void> {
    await this.open();
    const record = this.records.get(podUid);
    if (record === undefined) return;
    await this.#unmake(record);
    this.records.remove(podUid);
  }

  /** Looks after what the bridge needs, until it is closed. */
  #watch(): void {
    this.#timer = this.#options.clock.setTimer(timings.rulesCheckMs, () => {
      this.#checking = this.bridge.check().then(
        () => {
          if (this.#timer !== null) this.#watch();
        },
        (thrown: unknown) => {
          if (!(thrown instanceof WorldError)) throw thrown;
          this.#options.log.warn('pod-network-not-checked', { message: messageOf(thrown) });
          if (this.#timer !== null) this.#watch();
        },
      );
    });
  }

  /** Nothing is put back that is taken away on purpose. */
  async #unwatch(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#checking;
  }

  async close(): Promise<void> {
    await this.#unwatch();
    await Promise.all(this.#turns.values());
    this.#making.close();
    this.#removing.close();
    this.#open = null;
  }

  async shutDown(): Promise<void> {
    await this.open();
    await Promise.all(this.#turns.values());
    for (const record of this.records.all()) {
      await this.#unmake(record);
      this.records.remove(record.podUid);
    }
    await this.#unwatch();
    await this.bridge.remove();
    await this.close();
  }

  async #opened(): Promise<NetworkPlan> {
    this.records.load();
    for (const { podUid, bootId } of this.records.all())
      if (bootId !== this.#options.bootId) this.records.remove(podUid);
    const plan = await this.bridge.open({ mayMove: this.records.all().length === 0 });
    await this.#sweep(plan);
    await this.#plugIn(plan);
    this.#watch();
    return plan;
  }

  /** Cables that hang on nothing: somebody took the bridge away under them, and there is another one now. */
  async #plugIn(plan: NetworkPlan): Promise<void> {
    const loose = this.records.all().filter(({ link }) => existsSync(join(LINKS, link)) && !isOn(link, plan));
    await this.#making.run(loose.flatMap((record) => plugCommands(record, plan)));
  }

  /** Namespaces and cables that no record names. */
  async #sweep({ bridge }: NetworkPlan): Promise<void> {
    const namespaces = new Set(this.records.all().map(({ netns }) => netns));
    const links = new Set(this.records.all().map(({ link }) => link));
    const strayLinks = (await hostLinks(this.#options.clock))
      .filter((link) => link.bridge === bridge && !links.has(link.name))
      .map(({ name }) => name);
    const strayNamespaces = this.bridge
      .namespaces(NETNS_DIRECTORY)
      .filter((name) => name.startsWith(`${bridge}-`) && !namespaces.has(name));
    if (strayLinks.length + strayNamespaces.length === 0) return;
    this.#options.log.warn('stray-networks', {
      namespaces: strayNamespaces.length,
      links: strayLinks.length,
    });
    await this.#removing.run([
      ...strayNamespaces.map((name) => `netns del ${name}`),
      ...strayLinks.map((name) => `link del dev ${name}`),
    ]);
  }

  async #isWhole({ netns, link }: PodRecord, plan: NetworkPlan): Promise<boolean> {
    if (!existsSync(join(NETNS_DIRECTORY, netns)) || !isOn(link, plan)) return false;
    // The last thing that is made inside.
    const asked = `netns exec ${netns} ip route get 1.1.1.1`;
    return (await this.#making.run([asked])).length === 0;
  }

  async #make(record: PodRecord, plan: NetworkPlan): Promise<readonly IpFailure[]> {
    const { outside, inside } = podCommands(record, { plan, mtu: this.bridge.mtu });
    const path = join(this.#directory, 'pods', `${record.podUid}.ip`);
    writeFileSync(path, `${inside.join('\n')}\n`, { mode: 0o600 });
    try {
      return await this.#making.run([...outside, `netns exec ${record.netns} ip -batch "${path}"`]);
    } finally {
      rmSync(path, { force: true });
    }
  }

  /** The cable by name too: whoever still is in the namespace keeps that, and an address that answers is nobody else's. */
  async #unmake({ netns, link }: PodRecord): Promise<void> {
    const commands = [
      ...(existsSync(join(LINKS, link)) ? [`link del dev ${link}`] : []),
      ...(existsSync(join(NETNS_DIRECTORY, netns)) ? [`netns del ${netns}`] : []),
    ];
    const failures = commands.length === 0 ? [] : await this.#removing.run(commands);
    const left = existsSync(join(LINKS, link)) || existsSync(join(NETNS_DIRECTORY, netns));
    if (left) throw new WorldError('IPROUTE_FAILED', `a network stays: ${textOf(failures)}`, { failures });
  }
}

function textOf(failures: readonly IpFailure[]): string {
  return failures.map(({ command, message }) => `ip ${command}: ${message}`).join('; ');
}
