import type { Clock } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { runProgram } from '../../base/run-program.ts';
import type { MachineNetwork } from './machine-network.ts';
import type { ProxyTable } from './proxy-table.ts';
import { parseFlows, staleFlows } from './stale-flows.ts';

/** Makes the kernel forget where datagrams went, once the rules lead them elsewhere; by conntrack(8). */
export class FlowKeeper {
  /** Why it cannot; null: it can, as far as is known. */
  lacks: string | null = null;
  readonly #clock: Clock;
  readonly #log: Log;
  /** The places of datagrams that it has looked after last. */
  #done = '';

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** To be called once the rules are as the table says. Never fails: what cannot be done is told in `lacks`. */
  async follow(table: ProxyTable, machine: MachineNetwork): Promise<void> {
    const places = table.flatMap(({ protocol, address, port, backends }) =>
      protocol === 'UDP' ? [{ address, port, backends: [...backends] }] : [],
    );
    const wanted = canonicalJson(places);
    if (wanted === this.#done) return;
    try {
      const { output } = await this.#conntrack('-L', '-f', 'ipv4', '-p', 'udp', '-g');
      for (const { address, port, backend } of staleFlows(parseFlows(output), table, machine)) {
        const to = ['--orig-dst', address, '--orig-port-dst', String(port), '--reply-src', backend];
        await this.#conntrack('-D', '-f', 'ipv4', '-p', 'udp', ...to);
      }
      this.#done = wanted;
      this.lacks = null;
    } catch (thrown) {
      if (!(thrown instanceof WorldError)) throw thrown;
      if (this.lacks === null) this.#log.warn('flows-not-forgotten', { message: messageOf(thrown) });
      const missing = thrown.code === 'PROGRAM_MISSING';
      this.lacks = missing ? 'conntrack(8) is not installed (package conntrack)' : messageOf(thrown);
    }
  }

  /** Anything but the program's being there is an answer: with nothing to delete it ends with 1. */
  #conntrack(...args: readonly string[]): ReturnType<typeof runProgram> {
    return runProgram({ program: 'conntrack', args, timeoutMs: timings.networkToolMs, clock: this.#clock });
  }
}
