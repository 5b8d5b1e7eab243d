import type { Clock } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { addressesIn } from '../own-address.ts';
import { ClusterNames } from './cluster-names.ts';
import { FlowKeeper } from './flow-keeper.ts';
import type { Carrier, MachineNetwork } from './machine-network.ts';
import type { ProxyState } from './proxy-state.ts';
import type { ListenFailure, ProxyTable } from './proxy-table.ts';
import { RulesKeeper } from './rules-keeper.ts';
import { ServiceProxy } from './service-proxy.ts';
import { removeServiceRoute, setServiceRoute } from './service-route.ts';
import { serviceRules } from './service-rules.ts';

/**
 * Makes the machine lead to Services as a state says. Where pods have networks of their own it does so by rules of the kernel. Then the
 * proxy listens too at those places that are not cluster addresses: whoever comes by loopback is served by it, and a place that another
 * program of this machine has is not taken from it. Where the rules cannot be had the proxy does all of it. One state at a time.
 */
export class DataPlane {
  carrier: Carrier | null = null;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onFailures: (failures: readonly ListenFailure[]) => void;
  readonly #proxy: ServiceProxy;
  readonly #keeper: RulesKeeper;
  readonly #flows: FlowKeeper;
  readonly #names: ClusterNames;
  #state: ProxyState = { table: [], machine: null, names: { services: [], pods: [] } };
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: {
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
    readonly onFailures: (failures: readonly ListenFailure[]) => void;
  }) {
    const { clock, random, log } = options;
    this.#clock = clock;
    this.#log = log;
    this.#onFailures = options.onFailures;
    this.#keeper = new RulesKeeper(clock, log);
    this.#flows = new FlowKeeper(clock, log);
    this.#proxy = new ServiceProxy(clock, () => this.#changed());
    this.#names = new ClusterNames({ clock, random, onChange: () => this.#changed() });
  }

  /** Resolves once all of it is so, or has failed to be. WorldError where not even the proxy can do it. */
  apply(state: ProxyState): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#state.machine;
      this.#state = state;
      if (before !== null && before.bridge !== state.machine?.bridge) await this.#remove(before);
      if (state.machine === null) await this.#proxy.apply(state.table);
      else await this.#applyOn(state.machine);
    });
  }

  failures(): readonly ListenFailure[] {
    return [...this.#proxy.failures(), ...this.#names.failures()];
  }

  /** Ends; rules and routes stay as they are, for the next one. */
  close(): void {
    this.#closed = true;
    this.#keeper.close();
    this.#names.close();
    this.#proxy.close();
  }

  /** Ends, and takes everything back. */
  async shutDown(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#state.machine !== null) await this.#remove(this.#state.machine);
    });
    this.close();
  }

  async #applyOn(machine: MachineNetwork): Promise<void> {
    await this.#names.apply(machine, this.#state.names);
    if (this.carrier === null) await this.#choose(machine);
    if (this.carrier?.by === 'nftables') {
      const inCluster = addressesIn(machine.serviceRange);
      await this.#proxy.apply(this.#table().filter(({ address }) => !inCluster(address)));
      await this.#applyRules(machine);
    } else await this.#proxy.apply(this.#table());
  }

  /** By trial: what the rules need is in the program nft and in the kernel, and both tell only when asked to do it. */
  async #choose(machine: MachineNetwork): Promise<void> {
    if (machine.by === 'proxy') this.carrier = { by: 'proxy', why: 'it was asked for' };
    else {
      try {
        await this.#keeper.apply(serviceRules([], machine), machine);
        this.carrier = { by: 'nftables' };
      } catch (thrown) {
        if (!(thrown instanceof WorldError)) throw thrown;
        this.carrier = { by: 'proxy', why: messageOf(thrown) };
      }
    }
    if (this.carrier.by === 'proxy') await this.#keeper.remove(machine);
    this.#log.info('services-carried', { ...this.carrier });
    await setServiceRoute(machine, this.carrier.by, this.#clock);
  }

  /** Not at places that somebody else has. */
  async #applyRules(machine: MachineNetwork): Promise<void> {
    const failed = new Set(this.#proxy.failures().map(placeKey));
    const table = this.#table().filter((listener) => !failed.has(placeKey(listener)));
    await this.#keeper.apply(serviceRules(table, machine), machine);
    await this.#flows.follow(table, machine);
    const { lacks } = this.#flows;
    this.carrier = { by: 'nftables', ...(lacks !== null && { keepsFlows: lacks }) };
  }

  #table(): ProxyTable {
    const names = this.#names.listeners();
    const taken = new Set(names.map(placeKey));
    return [...names, ...this.#state.table.filter((listener) => !taken.has(placeKey(listener)))];
  }

  /** The proxy has a place that it had not, or lost one; or the name server listens at last. */
  #changed(): void {
    if (this.#closed) return;
    this.#onFailures(this.failures());
    const { machine } = this.#state;
    if (machine === null || this.carrier === null) return;
    // A place of one that is being applied: it comes behind that.
    this.#inTurn(async () => {
      if (this.#closed || this.#state.machine === null) return;
      await this.#applyOn(this.#state.machine);
    }).catch((thrown: unknown) => {
      if (!(thrown instanceof WorldError)) throw thrown;
      this.#log.warn('services-not-led', { message: messageOf(thrown) });
    });
  }

  async #remove(machine: MachineNetwork): Promise<void> {
    await this.#keeper.remove(machine);
    await removeServiceRoute(machine, this.#clock);
    this.#names.close();
    this.carrier = null;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(run);
    this.#turn = next.catch(() => {});
    return next;
  }
}

function placeKey({ protocol, address, port }: Pick<ListenFailure, 'protocol' | 'address' | 'port'>): string {
  return `${protocol} ${address}:${port}`;
}
