import type { Clock, Timer } from '../../base/clock.ts';
import type { ContainerId } from '../driver.ts';
import type { ProbeKind, ProbeResult, ProbeResults } from '../pod/pod-state.ts';
import type { ProbeTarget } from './probe-targets.ts';
import { afterOutcome, firstProbeAt, newProber, type ProberState, periodMsOf, probeTurn } from './prober.ts';
import type { HandlerResult } from './run-handler.ts';

type Published = Partial<Record<ProbeKind, ProbeResult>>;

/** The probes of one pod: which run, when, and what they have published. */
export type ProbeBoard = {
  readonly results: ProbeResults;
  /** Takes over what was published of a run before this daemon knew it. */
  adopt(id: ContainerId, published: Published): void;
  /** From now on exactly these probes run. Results of runs that are not `alive` are forgotten. */
  follow(targets: readonly ProbeTarget[], alive: ReadonlySet<ContainerId>): void;
  stop(): void;
};

type Entry = { target: ProbeTarget; state: ProberState; timer: Timer | null };

export function probeBoard(edge: {
  readonly clock: Clock;
  readonly run: (target: ProbeTarget) => Promise<HandlerResult>;
  readonly onChange: () => void;
  readonly onFailure: (target: ProbeTarget, message: string) => void;
}): ProbeBoard {
  const { clock } = edge;
  const results = new Map<ContainerId, Published>();
  const entries = new Map<string, Entry>();
  let stopped = false;

  const publish = ({ id, kind }: ProbeTarget, result: ProbeResult): void => {
    const before = results.get(id) ?? {};
    if (before[kind] === result) return;
    results.set(id, { ...before, [kind]: result });
    edge.onChange();
  };
  const arm = (key: string, entry: Entry, delayMs: number): void => {
    entry.timer = clock.setTimer(Math.max(0, delayMs), () => void probe(key, entry));
  };
  const probe = async (key: string, entry: Entry): Promise<void> => {
    const { target } = entry;
    const { kind, spec, id, startedAtMs } = target;
    const now = clock.now();
    const container = { phase: 'running', id, startedAtMs, started: kind !== 'startup' } as const;
    const turn = probeTurn({ kind, spec, podEnded: false, container, onHold: entry.state.onHold, now });
    if (!turn.probe) {
      if (!entry.state.onHold) arm(key, entry, firstProbeAt(spec, startedAtMs) - now);
      return;
    }
    const { outcome, message } = await edge.run(target);
    if (entries.get(key) !== entry) return;
    entry.state = afterOutcome(entry.state, { kind, spec, outcome });
    if (outcome === 'failure') edge.onFailure(target, message);
    arm(key, entry, periodMsOf(spec) - (clock.now() - now));
    if (outcome !== 'unknown') publish(target, entry.state.result);
  };
  const drop = (key: string): void => {
    entries.get(key)?.timer?.cancel();
    entries.delete(key);
  };

  return {
    results,
    adopt(id, published) {
      if (!results.has(id)) results.set(id, published);
    },
    follow(targets, alive) {
      if (stopped) return;
      const wanted = new Map(targets.map((target) => [`${target.id}/${target.kind}`, target]));
      for (const key of entries.keys()) if (!wanted.has(key)) drop(key);
      for (const id of results.keys()) if (!alive.has(id)) results.delete(id);
      for (const [key, target] of wanted) {
        const known = entries.get(key);
        if (known !== undefined) {
          known.target = target;
          continue;
        }
        const published = results.get(target.id)?.[target.kind];
        const entry: Entry = { target, state: newProber(target.kind, target.id, published), timer: null };
        entries.set(key, entry);
        arm(key, entry, firstProbeAt(target.spec, target.startedAtMs) - clock.now());
      }
    },
    stop() {
      stopped = true;
      for (const key of [...entries.keys()]) drop(key);
    },
  };
}
