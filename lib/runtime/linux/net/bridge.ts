import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { codeOf, WorldError } from '../../../base/errors.ts';
import { isObject } from '../../../base/json.ts';
import { limits, timings } from '../../../base/limits.ts';
import type { Log } from '../../../base/log.ts';
import { runProgram } from '../../../base/run-program.ts';
import { aliasOf, ownerOf } from './bridge-owner.ts';
import { guardRules, guardTableOf } from './guard-rules.ts';
import { type HostLink, type HostRoute, hostLinks, hostRoutes } from './host-network.ts';
import type { IpBatch } from './ip-batch.ts';
import { mayForward, resetMachine, setMachine } from './machine-settings.ts';
import { type NetworkPlan, networkPlans, overlapping } from './network-plan.ts';
import { macOf } from './pod-commands.ts';
import { podRules, podTableOf } from './pod-rules.ts';

/** Something that pods have to do without here. */
export type NetworkTrouble = {
  readonly code: 'NFT_MISSING' | 'NFT_FAILED' | 'NOT_GUARDED' | 'FORWARDING_OFF' | 'FORWARD_DROPPED';
  readonly message: string;
};

type BridgeOptions = {
  readonly dataDirectory: string;
  /** Where its plan is kept. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly batch: IpBatch;
};

/** The bridge of a data directory: which it is, that it is there, and how pods get beyond it. */
export class Bridge {
  troubles: readonly NetworkTrouble[] = [];
  mtu = 1500;
  readonly #options: BridgeOptions;
  #kept: NetworkPlan | null = null;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** `mayMove`: no pod has an address yet, so another range will do where the old one is taken. */
  async open({ mayMove }: { readonly mayMove: boolean }): Promise<NetworkPlan> {
    const { clock, directory } = this.#options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const [links, routes] = await Promise.all([hostLinks(clock), hostRoutes(clock)]);
    const remaining = await this.#withoutAbandoned(links);
    const kept = await this.#made({ links: remaining, routes, mayMove });
    this.mtu = mtuOf(links, routes);
    const failures = await this.#options.batch.run([
      `link set dev ${kept.bridge} mtu ${this.mtu} up`,
      `addr replace ${kept.gateway}/${kept.podRange.split('/')[1]} dev ${kept.bridge}`,
    ]);
    if (failures[0] !== undefined)
      throw new WorldError('IPROUTE_FAILED', `${kept.bridge}: ${failures[0].message}`, { failures });
    const [rules, guard] = [await this.#setRules(kept), await this.#setGuard(kept)];
    this.#tell([this.#forward(kept), rules, guard, await this.#forwardPolicy()]);
    return kept;
  }

  /** Puts back what somebody else took away (a firewall that is reloaded drops rules it does not know), and looks for troubles anew. */
  async check(): Promise<void> {
    const kept = this.#kept;
    // Whoever took it away for good took the rules with it.
    if (kept === null || !isOurs(kept.bridge, aliasOf(this.#options.dataDirectory))) return;
    const { clock } = this.#options;
    const isThere = await hasChain(['ip', podTableOf(kept), 'to_the_world'], clock);
    const isGuarded = await hasChain(['bridge', guardTableOf(kept), 'from_pods'], clock);
    const hadRules = !this.troubles.some(({ code }) => code === 'NFT_MISSING' || code === 'NFT_FAILED');
    if (!isThere && hadRules) this.#options.log.warn('rules-gone', { table: podTableOf(kept) });
    const rules = isThere ? null : await this.#setRules(kept);
    const guard = isGuarded ? null : await this.#setGuard(kept);
    this.#tell([this.#forward(kept), rules, guard, await this.#forwardPolicy()]);
  }

  #tell(looked: readonly (NetworkTrouble | null)[]): void {
    const before = new Set(this.troubles.map(({ code }) => code));
    this.troubles = looked.filter((trouble) => trouble !== null);
    for (const trouble of this.troubles)
      if (!before.has(trouble.code)) this.#options.log.warn('pod-network-trouble', trouble);
  }

  async remove(): Promise<void> {
    const kept = this.#kept;
    if (kept === null) return;
    const { clock, batch } = this.#options;
    const table = `ip ${podTableOf(kept)}`;
    const alias = aliasOf(this.#options.dataDirectory);
    await runNft(`add table ${table}\ndelete table ${table}\n`, clock);
    const guard = `bridge ${guardTableOf(kept)}`;
    await runNft(`add table ${guard}\ndelete table ${guard}\n`, clock);
    await batch.run([`link del dev ${kept.bridge}`]);
    // The name may be another's by now, who begins in this moment.
    if (isOurs(kept.bridge, alias))
      throw new WorldError('IPROUTE_FAILED', `${kept.bridge} stays`, { bridge: kept.bridge });
    // Others may rely on it by now: then it stays as it is.
    if (!(await hostLinks(clock)).some(({ kind }) => mayForward(kind))) resetMachine();
  }

  namespaces(directory: string): readonly string[] {
    return existsSync(directory) ? readdirSync(directory) : [];
  }

  /** The bridge as it was left, or another one. */
  async #made(host: {
    readonly links: readonly HostLink[];
    readonly routes: readonly HostRoute[];
    readonly mayMove: boolean;
  }): Promise<NetworkPlan> {
    const { dataDirectory, directory } = this.#options;
    const before = readPlan(join(directory, 'plan.json'));
    const alias = aliasOf(dataDirectory);
    const own = before && host.links.find(({ name }) => name === before.bridge);
    if (before && own?.alias === alias) {
      this.#kept = before;
      return before;
    }
    const ranges = host.routes.map(({ range }) => range).filter((range) => range !== 'default');
    const again =
      before && own === undefined && overlapping(ranges, [before.podRange, before.serviceRange]) === null;
    if (before && !again && !host.mayMove) throw rangeTaken(before, ranges);
    const plans = networkPlans({ links: host.links.map(({ name }) => name), ranges });
    for (const plan of again ? [before, ...plans] : plans) {
      const failures = await this.#options.batch.run([
        `link add name ${plan.bridge} address ${macOf(plan.gateway)} type bridge`,
      ]);
      // Whoever began at the same moment has it: the next one.
      if (failures.some(({ message }) => message.includes('File exists'))) continue;
      if (failures[0] !== undefined) throw denied(failures[0].message);
      await this.#options.batch.run([`link set dev ${plan.bridge} alias "${alias}"`]);
      // CRASH: a bridge without pods whose owner is us by its alias; it is found by that and taken away.
      return this.#keep(plan);
    }
    throw new WorldError(
      'NO_NETWORK_RANGE',
      `this machine has a route, or a bridge of Pintle, for every range that pods could have: ${ranges.join(', ')}`,
      { ranges },
    );
  }

  /** Bridges of data directories that are no more, and ours that no plan names: without pods they are nobody's. */
  async #withoutAbandoned(links: readonly HostLink[]): Promise<readonly HostLink[]> {
    const plan = readPlan(join(this.#options.directory, 'plan.json'));
    const ours = aliasOf(this.#options.dataDirectory);
    const abandoned = links.filter(({ name, kind, alias }) => {
      if (kind !== 'bridge' || links.some(({ bridge }) => bridge === name)) return false;
      if (alias === ours) return plan?.bridge !== name;
      const owner = ownerOf(alias);
      return owner !== null && !existsSync(owner);
    });
    if (abandoned.length === 0) return links;
    await this.#options.batch.run(abandoned.map(({ name }) => `link del dev ${name}`));
    return links.filter((link) => !abandoned.includes(link));
  }

  #forward(kept: NetworkPlan): NetworkTrouble | null {
    try {
      setMachine(kept.bridge);
      return null;
    } catch (thrown) {
      return {
        code: 'FORWARDING_OFF',
        message: `settings below /proc/sys/net/ipv4 cannot be written (${codeOf(thrown)}): pods may reach neither one another nor the world`,
      };
    }
  }

  async #setRules(plan: NetworkPlan): Promise<NetworkTrouble | null> {
    const failure = await runNft(podRules(plan), this.#options.clock);
    if (failure === null) return null;
    const missing = failure.code === 'PROGRAM_MISSING';
    const without =
      'pods reach this machine, one another and Services, but nothing beyond it; Services go through a proxy';
    return {
      code: missing ? 'NFT_MISSING' : 'NFT_FAILED',
      message: `${missing ? 'nft(8) is not installed (package nftables)' : `nft: ${failure.message}`}: ${without}`,
    };
  }

  async #setGuard(plan: NetworkPlan): Promise<NetworkTrouble | null> {
    const failure = await runNft(guardRules(plan), this.#options.clock);
    // Told of by the other rules.
    if (failure === null || failure.code === 'PROGRAM_MISSING') return null;
    const message = `nft has no rules for bridges here (${failure.message}): a pod with NET_RAW can send as another one`;
    return { code: 'NOT_GUARDED', message };
  }

  /** Whether the machine's own firewall drops what it is to pass on. */
  async #forwardPolicy(): Promise<NetworkTrouble | null> {
    const args = ['list', 'chain', 'ip', 'filter', 'FORWARD'];
    const run = { program: 'nft', args, timeoutMs: timings.networkToolMs, clock: this.#options.clock };
    const result = await runProgram(run).catch(() => null);
    if (result?.exitCode !== 0 || !/\bpolicy drop\b/.test(result.output)) return null;
    return {
      code: 'FORWARD_DROPPED',
      message:
        "this machine's firewall drops what it would pass on (chain FORWARD has policy drop): allow what comes from and goes to the bridge, e.g. iptables -I FORWARD -i pintle+ -j ACCEPT; iptables -I FORWARD -o pintle+ -j ACCEPT",
    };
  }

  #keep(kept: NetworkPlan): NetworkPlan {
    const path = join(this.#options.directory, 'plan.json');
    writeFileSync(`${path}.new`, JSON.stringify(kept), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    this.#kept = kept;
    return kept;
  }
}

/** Whether there is a bridge of that name which belongs to the data directory of that alias. Source: sysfs. */
function isOurs(bridge: string, alias: string): boolean {
  try {
    return readFileSync(join('/sys/class/net', bridge, 'ifalias'), 'utf8').trim() === alias;
  } catch {
    return false;
  }
}

async function hasChain(chain: readonly string[], clock: Clock): Promise<boolean> {
  const args = ['list', 'chain', ...chain];
  const run = { program: 'nft', args, timeoutMs: timings.networkToolMs, clock };
  return runProgram(run).then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  );
}

/** One transaction; null: it went through. */
async function runNft(
  input: string,
  clock: Clock,
): Promise<{ readonly code: string; readonly message: string } | null> {
  try {
    const run = { program: 'nft', args: ['-f', '-'], input, timeoutMs: timings.networkToolMs, clock };
    const { exitCode, said } = await runProgram(run);
    if (exitCode === 0) return null;
    return { code: 'NFT_FAILED', message: said.slice(0, limits.toolWordsMax).trim() };
  } catch (thrown) {
    if (!(thrown instanceof WorldError)) throw thrown;
    return { code: thrown.code, message: thrown.message };
  }
}

/** As much as gets through where the machine's own packets go. */
function mtuOf(links: readonly HostLink[], routes: readonly HostRoute[]): number {
  const device = routes.find(({ range }) => range === 'default')?.device;
  const mtu = links.find(({ name }) => name === device)?.mtu ?? 1500;
  return mtu >= 576 && mtu <= 9_216 ? mtu : 1500;
}

function rangeTaken(plan: NetworkPlan, ranges: readonly string[]): WorldError {
  const theirs = overlapping(ranges, [plan.podRange, plan.serviceRange]);
  const why = theirs === null ? `${plan.bridge} belongs to somebody else` : `there is a route for ${theirs}`;
  return new WorldError(
    'NETWORK_TAKEN',
    `pods of this data directory have addresses in ${plan.podRange}, but ${why}: end it, or end the pods with pintle down`,
    { theirs, bridge: plan.bridge },
  );
}

function denied(message: string): WorldError {
  return new WorldError(
    'NETWORK_DENIED',
    `no bridge can be made here (${message}): the linux runtime needs root with CAP_NET_ADMIN; use --runtime process`,
  );
}

function readPlan(path: string): NetworkPlan | null {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(resolve(path), 'utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError || codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
  if (!isObject(read)) return null;
  const { bridge, podRange, gateway, serviceRange } = read;
  if (typeof bridge !== 'string' || !/^pintle\d{1,2}$/.test(bridge)) return null;
  if (typeof podRange !== 'string' || typeof gateway !== 'string' || typeof serviceRange !== 'string')
    return null;
  return { bridge, podRange, gateway, serviceRange };
}
