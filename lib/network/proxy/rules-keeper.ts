import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { runProgram } from '../../base/run-program.ts';
import { keptClients } from './kept-clients.ts';
import type { MachineNetwork } from './machine-network.ts';
import { keepServiceRoute } from './service-route.ts';
import { changedRules, type ServiceRules, serviceTableOf, wholeRules } from './service-rules.ts';

type Held = { readonly rules: ServiceRules; readonly machine: MachineNetwork };

/**
 * Keeps the kernel's rules as they should be: changes go as changes, and all of it again when a change fails or somebody else took the
 * rules away (a firewall that is reloaded drops what it does not know). One call at a time.
 */
export class RulesKeeper {
  readonly #clock: Clock;
  readonly #log: Log;
  #held: Held | null = null;
  #timer: Timer | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** WorldError RULES_FAILED: nft cannot be had, or does not do here what it must. */
  apply(rules: ServiceRules, machine: MachineNetwork): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#held;
      const same = before !== null && sameMachine(before.machine, machine);
      const changes = same ? changedRules(before.rules, rules, machine) : null;
      if (changes === '') return;
      if (changes === null || (await this.#run(changes)) !== null) await this.#applyAll({ rules, machine });
      this.#held = { rules, machine };
      this.#watch();
    });
  }

  /** Leaves the rules where they are. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Takes away what there may be of them. */
  remove(machine: MachineNetwork): Promise<void> {
    this.close();
    return this.#inTurn(async () => {
      const table = `ip ${serviceTableOf(machine)}`;
      this.#held = null;
      await this.#run(`add table ${table}\ndelete table ${table}\n`);
    });
  }

  /** Puts them back where they are gone, and the route to Services with them. */
  check(): Promise<void> {
    return this.#inTurn(async () => {
      const held = this.#held;
      if (held === null) return;
      const args = ['list', 'chain', 'ip', serviceTableOf(held.machine), 'places'];
      const run = { program: 'nft', args, timeoutMs: timings.networkToolMs, clock: this.#clock };
      const { exitCode } = await runProgram(run);
      await keepServiceRoute(held.machine, this.#clock);
      if (exitCode === 0) return;
      this.#log.warn('rules-gone', { table: serviceTableOf(held.machine) });
      await this.#applyAll(held);
    });
  }

  #watch(): void {
    this.#timer ??= this.#clock.setTimer(timings.rulesCheckMs, () => {
      this.check().then(
        () => this.#again(),
        (thrown: unknown) => {
          if (!(thrown instanceof WorldError)) throw thrown;
          this.#log.warn('rules-not-checked', { message: messageOf(thrown) });
          this.#again();
        },
      );
    });
  }

  #again(): void {
    if (this.#timer === null) return;
    this.#timer = null;
    this.#watch();
  }

  /** Who keeps a backend keeps it on, if only the table is there. */
  async #applyAll({ rules, machine }: Held): Promise<void> {
    const whole = wholeRules(rules, machine);
    const kept = rules.sets.size === 0 ? '' : keptClients(await this.#listed(machine), rules, machine);
    if (kept !== '' && (await this.#run(whole + kept)) === null) return;
    const failure = await this.#run(whole);
    if (failure !== null) throw new WorldError('RULES_FAILED', failure);
  }

  /** The table as it is in the kernel; '' where it cannot be had. */
  async #listed(machine: MachineNetwork): Promise<string> {
    const args = ['--json', 'list', 'table', 'ip', serviceTableOf(machine)];
    const run = { program: 'nft', args, timeoutMs: timings.networkToolMs, clock: this.#clock };
    const result = await runProgram(run).catch(() => null);
    return result?.exitCode === 0 ? result.output : '';
  }

  /** One transaction; null: it went through. */
  async #run(input: string): Promise<string | null> {
    try {
      const run = { program: 'nft', args: ['-f', '-'], timeoutMs: timings.networkToolMs };
      const { exitCode, said } = await runProgram({ ...run, input, clock: this.#clock });
      return exitCode === 0 ? null : `nft: ${said.slice(0, limits.toolWordsMax).trim()}`;
    } catch (thrown) {
      if (!(thrown instanceof WorldError)) throw thrown;
      return thrown.message;
    }
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(run);
    this.#turn = next.catch(() => {});
    return next;
  }
}

/** Whether rules for the one stand in the table of the other. */
function sameMachine(one: MachineNetwork, other: MachineNetwork): boolean {
  return (
    one.bridge === other.bridge && one.serviceRange === other.serviceRange && one.podRange === other.podRange
  );
}
