import type { Clock, Timer } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { nameIndex } from '../dns/answer-query.ts';
import { askUpstream } from '../dns/ask-upstream.ts';
import { type NameServer, startNameServer } from '../dns/name-server.ts';
import type { NameTable } from '../dns/name-table.ts';
import { machineUpstreams } from '../dns/upstreams.ts';
import type { MachineNetwork } from './machine-network.ts';
import type { ListenFailure, ProxyListener } from './proxy-table.ts';

/** The Service whose address the name server has. Source: kubeadm and everything that looks for it. */
export const DNS_SERVICE = 'kube-system/kube-dns';
const DNS_PORT = 53;

/**
 * The cluster's name server: it listens at the machine's address for pods, at port 53 or, where a name server of the machine has
 * that, at any; Services lead to it. What cannot be had is tried again.
 */
export class ClusterNames {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onChange: () => void;
  #machine: MachineNetwork | null = null;
  #server: NameServer | null = null;
  #code: string | null = null;
  #retry: Timer | null = null;
  #table: NameTable = { services: [], pods: [] };
  #text = '';
  #serial = 1;

  /** `onChange`: it listens now, elsewhere or for the first time. */
  constructor(options: { readonly clock: Clock; readonly random: Random; readonly onChange: () => void }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#onChange = options.onChange;
  }

  async apply(machine: MachineNetwork, table: NameTable): Promise<void> {
    const text = canonicalJson([machine.domain, table]);
    const isElsewhere = this.#machine?.gateway !== machine.gateway;
    this.#machine = machine;
    this.#table = table;
    if (text !== this.#text) this.#serial += 1;
    if (isElsewhere) this.#stop();
    if (this.#server === null) await this.#start();
    else if (text !== this.#text) this.#server.update(this.#index(machine));
    this.#text = text;
  }

  close(): void {
    this.#stop();
    this.#machine = null;
  }

  /** What leads to it. */
  listeners(): readonly ProxyListener[] {
    const [machine, server] = [this.#machine, this.#server];
    if (machine === null || server === null) return [];
    const backends = [{ address: machine.gateway, port: server.port }];
    const place = {
      address: machine.dnsAddress,
      port: DNS_PORT,
      service: DNS_SERVICE,
      affinitySeconds: null,
    };
    return [
      { ...place, protocol: 'TCP', backends },
      { ...place, protocol: 'UDP', backends },
    ];
  }

  failures(): readonly ListenFailure[] {
    if (this.#machine === null || this.#code === null) return [];
    const place = { protocol: 'UDP', address: this.#machine.gateway, port: DNS_PORT } as const;
    return [{ ...place, service: DNS_SERVICE, code: this.#code }];
  }

  async #start(): Promise<void> {
    const machine = this.#machine;
    if (machine === null) return;
    const ours = [machine.gateway, machine.dnsAddress];
    const upstreams = machineUpstreams(this.#clock, ours);
    const ask = askUpstream({ upstreams, clock: this.#clock, random: this.#random });
    for (const port of [DNS_PORT, 0]) {
      try {
        const at = { address: machine.gateway, port };
        const server = await startNameServer({ ...at, index: this.#index(machine), ask, clock: this.#clock });
        if (this.#machine?.gateway !== machine.gateway || this.#server !== null) return server.close();
        this.#server = server;
        this.#server.update(this.#index(this.#machine));
        this.#code = null;
        return;
      } catch (thrown) {
        this.#code = codeOf(thrown) ?? 'FAILED';
      }
    }
    this.#retry ??= this.#clock.setTimer(timings.proxyListenRetryMs, () => {
      this.#retry = null;
      void this.#start().then(() => {
        if (this.#server !== null) this.#onChange();
      });
    });
  }

  #stop(): void {
    this.#retry?.cancel();
    this.#retry = null;
    this.#server?.close();
    this.#server = null;
    this.#code = null;
  }

  #index({ domain, dnsAddress, podRange, serviceRange }: MachineNetwork) {
    const ranges = [podRange, serviceRange];
    return nameIndex(this.#table, { domain, dnsAddress, ranges, serial: this.#serial });
  }
}
