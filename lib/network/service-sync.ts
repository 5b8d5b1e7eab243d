import { isApiError } from '../api/api-error.ts';
import type { Caller, Client } from '../api/client.ts';
import { type EventRecorder, eventRecorder } from '../api/event-recorder.ts';
import type { Informers } from '../api/informers.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { EndpointSlice, Pod, Service } from '../schema/types.gen.ts';
import { addressTable, placeOf } from './address-table.ts';
import { NO_NAMES } from './dns/name-table.ts';
import { namesOf } from './dns/names-of.ts';
import { listenMessage, withListening } from './listen-condition.ts';
import { decideIngress } from './load-balancers.ts';
import type { Carrier, MachineNetwork } from './proxy/machine-network.ts';
import type { ProxyState } from './proxy/proxy-state.ts';
import type { ListenFailure } from './proxy/proxy-table.ts';
import type { ProxyClient } from './proxy-client.ts';
import { unledPlaces } from './unled-places.ts';

export const SERVICE = { group: '', kind: 'Service' } as const;
const POD = { group: '', kind: 'Pod' } as const;
export const ENDPOINT_SLICE = { group: 'discovery.k8s.io', kind: 'EndpointSlice' } as const;

const caller: Caller = { user: 'system:service-proxy', fieldManager: 'service-proxy' };

/** Keeps the proxy's table as Services and EndpointSlices say, while it runs. */
export type ServiceSync = {
  /** Starts the proxy where there is none; resolves once it has the first table. Throws WorldError PROXY_DOWN. */
  run(): Promise<void>;
  /** Stops watching; the proxy goes on with the table it has. */
  stop(): Promise<void>;
  /** Ends the proxy too. */
  shutDown(): Promise<void>;
  /** Places that cannot be listened at, as last told. */
  failures(): readonly ListenFailure[];
  /** What carries connections to Services; null: the proxy, where there is nothing else. */
  carrier(): Carrier | null;
};

export function serviceSync(options: {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Log;
  /** Where pods have their addresses, `127.97.0.0/16`. */
  readonly podRange: string;
  /** Set where pods have networks of their own. */
  readonly machine?: {
    readonly network: MachineNetwork;
    /** The machine's address for others: that of load balancers. */
    readonly address: string;
  };
  /** The proxy, given what to call: see proxyClient. */
  readonly proxy: (calls: {
    readonly onFailures: (failures: readonly ListenFailure[]) => void;
    readonly onBack: () => void;
  }) => ProxyClient;
}): ServiceSync {
  const sync = new Sync(options);
  return {
    run: () => sync.run(),
    stop: () => sync.stop(),
    shutDown: () => sync.shutDown(),
    failures: () => sync.failures,
    carrier: () => sync.carrier,
  };
}

class Sync {
  failures: readonly ListenFailure[] = [];
  carrier: Carrier | null = null;
  /** What the proxy said last. */
  #listening: readonly ListenFailure[] = [];
  readonly #options: Parameters<typeof serviceSync>[0];
  readonly #proxy: ProxyClient;
  readonly #events: EventRecorder;
  readonly #watches: { stop(): void }[] = [];
  readonly #told = new Set<string>();
  #sent = '';
  #isMarked = false;
  #pending = false;
  #pushing: Promise<void> = Promise.resolve();
  #marking: Promise<void> = Promise.resolve();
  #running = false;

  constructor(options: Parameters<typeof serviceSync>[0]) {
    this.#options = options;
    const { client, clock, log } = options;
    this.#events = eventRecorder({ client, clock, log, component: 'service-proxy' });
    this.#proxy = options.proxy({
      onFailures: (failures) => {
        this.#listening = failures;
        this.#report();
      },
      onBack: () => {
        this.#sent = '';
        this.#changed();
      },
    });
  }

  async run(): Promise<void> {
    const { informers } = this.#options;
    this.#running = true;
    const services = informers.of<Service>(SERVICE);
    const slices = informers.of<EndpointSlice>(ENDPOINT_SLICE);
    const pods = this.#options.machine === undefined ? [] : [informers.of<Pod>(POD)];
    const watched = [services, slices, ...pods];
    await Promise.all([...watched.map(({ synced }) => synced), this.#proxy.open()]);
    for (const informer of watched) this.#watches.push(informer.onChange(() => this.#changed()));
    await this.#push();
  }

  async stop(): Promise<void> {
    this.#running = false;
    for (const watch of this.#watches.splice(0)) watch.stop();
    await this.#pushing;
    await this.#marking;
    await this.#proxy.close();
  }

  async shutDown(): Promise<void> {
    this.#running = false;
    for (const watch of this.#watches.splice(0)) watch.stop();
    await this.#pushing;
    await this.#marking;
    await this.#proxy.shutDown();
  }

  /** Many changes of one moment are one push; one push at a time, and the last state always gets through. */
  #changed(): void {
    if (this.#pending || !this.#running) return;
    this.#pending = true;
    this.#options.clock.setTimer(timings.proxyCoalesceMs, () => {
      this.#pending = false;
      this.#pushing = this.#pushing.then(() => this.#pushOrRetry());
    });
  }

  async #pushOrRetry(): Promise<void> {
    if (!this.#running) return;
    try {
      await this.#push();
    } catch (thrown) {
      if (!(thrown instanceof WorldError)) throw thrown;
      this.#options.log.warn('table-not-pushed', { message: messageOf(thrown) });
      this.#options.clock.setTimer(timings.proxyPushRetryMs, () => this.#changed());
    }
  }

  async #push(): Promise<void> {
    const state = this.#state();
    const text = canonicalJson(state);
    if (text !== this.#sent) {
      const { failures, carrier } = await this.#proxy.setState(state);
      this.#sent = text;
      if (carrier?.by === 'proxy' && this.carrier?.by !== 'proxy')
        this.#options.log.warn('services-without-rules', { why: carrier.why });
      this.carrier = carrier;
      this.#listening = failures;
    }
    this.#report();
    if (this.#options.machine !== undefined) this.#marking = this.#marking.then(() => this.#balance());
  }

  #state(): ProxyState {
    const { informers, podRange, machine } = this.#options;
    const services = [...informers.of<Service>(SERVICE).objects.values()];
    const slices = [...informers.of<EndpointSlice>(ENDPOINT_SLICE).objects.values()];
    if (machine === undefined)
      return { table: addressTable({ podRange, services, slices }), machine: null, names: NO_NAMES };
    const pods = [...informers.of<Pod>(POD).objects.values()];
    return {
      table: addressTable({ podRange, services, slices, pods }),
      machine: machine.network,
      names: namesOf({ services, slices, pods }),
    };
  }

  /** Load balancers have the machine's address. */
  async #balance(): Promise<void> {
    const { client, informers, machine, log } = this.#options;
    if (!this.#running || machine === undefined) return;
    const services = informers.of<Service>(SERVICE).objects.values();
    for (const { service, loadBalancer } of decideIngress(services, machine.address)) {
      const next = { ...service, status: { ...service.status, loadBalancer } };
      try {
        await client.update(next, caller, { subresource: 'status' });
      } catch (thrown) {
        if (!(thrown instanceof WorldError || isApiError(thrown))) throw thrown;
        log.debug('ingress-not-told', { service: service.metadata.name, message: messageOf(thrown) });
        // The newer one is on its way here, or the world is in trouble.
        this.#options.clock.setTimer(timings.proxyPushRetryMs, () => this.#changed());
      }
    }
  }

  /** Makes every Service's condition say what is known now; what another writer outran is done again. */
  async #mark(): Promise<void> {
    const { client, clock, informers, log } = this.#options;
    if (!this.#running) return;
    for (const service of informers.of<Service>(SERVICE).objects.values()) {
      const { namespace = '', name } = service.metadata;
      const own = this.failures.filter((failure) => failure.service === `${namespace}/${name}`);
      const marked = withListening(service, own, clock.now());
      if (marked === null) continue;
      try {
        await client.update(marked, caller, { subresource: 'status' });
      } catch (thrown) {
        if (!(thrown instanceof WorldError || isApiError(thrown))) throw thrown;
        if (isApiError(thrown, 'NotFound')) continue;
        log.debug('listening-not-told', { service: name, message: messageOf(thrown) });
        clock.setTimer(timings.proxyPushRetryMs, () => {
          this.#marking = this.#marking.then(() => this.#mark());
        });
        return;
      }
    }
  }

  /** An Event once for each place and reason, until it is listened at again; a condition for as long as it is not. */
  #report(): void {
    const services = this.#options.informers.of<Service>(SERVICE).objects.values();
    const failures = [...this.#listening, ...unledPlaces(services)];
    // What an earlier daemon marked is looked at once.
    if (this.#isMarked && failures.length === 0 && this.failures.length === 0) return;
    this.#isMarked = true;
    this.failures = failures;
    this.#marking = this.#marking.then(() => this.#mark());
    const keys = new Set(failures.map((failure) => `${placeOf(failure)} ${failure.code}`));
    for (const key of this.#told) if (!keys.has(key)) this.#told.delete(key);
    for (const failure of failures) {
      const key = `${placeOf(failure)} ${failure.code}`;
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      const { service, pod, address, port, code } = failure;
      this.#options.log.warn('service-not-listening', { service, pod, address, port, code });
      const object = this.#ownerOf(failure);
      if (object !== undefined)
        this.#events.record(object, {
          type: 'Warning',
          reason: 'ListenFailed',
          message: listenMessage(failure),
        });
    }
  }
  #ownerOf({ service, pod }: ListenFailure): Service | Pod | undefined {
    const [namespace = '', name = ''] = (pod ?? service).split('/');
    const { informers } = this.#options;
    return pod === undefined
      ? informers.of<Service>(SERVICE).get({ namespace, name })
      : informers.of<Pod>(POD).get({ namespace, name });
  }
}
