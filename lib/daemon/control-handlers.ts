import { type Clock, toRfc3339 } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import type { GitRepository } from '../git/repository.ts';
import { needsApproval, type PruneHold } from '../plan/plan.ts';
import { planAnswer } from '../plan/plan-json.ts';
import type { Schema } from '../schema/schema.ts';
import { fullStatusJson } from '../status/status-json.ts';
import type { ControlHandlers, EndRequest } from './control-protocol.ts';
import type { MachineNodes } from './machine-nodes.ts';
import type { Reconciler } from './reconciler.ts';
import { rollBack } from './roll-back.ts';
import type { SourceReader } from './source-reader.ts';
import type { SourceRecord } from './source-record.ts';
import type { StandingTrouble, StandingTroubles } from './standing-troubles.ts';

/** What the commands can ask, over the parts of a running daemon. */
export function controlHandlers(parts: {
  readonly schema: Schema;
  readonly clock: Clock;
  readonly repository: GitRepository;
  readonly reader: SourceReader;
  readonly record: SourceRecord;
  readonly troubles: StandingTroubles;
  readonly loop: Reconciler;
  readonly node: () => Promise<JsonValue>;
  readonly snapshot: (revision: string | null) => Promise<JsonValue>;
  readonly nodes: Pick<MachineNodes, 'list' | 'stopNode' | 'startNode'>;
  /** Ends the daemon, soon; with `pods`, its pods first. */
  readonly end: (request: EndRequest) => Promise<void>;
}): ControlHandlers {
  const { record, loop, reader, schema } = parts;
  return {
    async status() {
      const report = loop.report();
      const troubles = parts.troubles.all();
      if (report === null) {
        const why = troubles.map(({ code, message }) => `: ${message} (${code})`).join('');
        throw new UserError('NOT_YET', `the daemon has not looked at the repository yet; try again${why}`);
      }
      return { ...fullStatusJson(report), troubles: troubles.map(troubleJson) };
    },
    async plan({ revision }) {
      const { commit, desired } =
        revision === null
          ? await atBranch(reader)
          : await reader
              .readAt(revision)
              .then(({ commit: at, desired: said }) => ({ commit: at, desired: said }));
      return planAnswer(await loop.planFor(commit?.oid ?? null, desired), schema);
    },
    snapshot: ({ revision }) => parts.snapshot(revision),
    history: async () => ({ revisions: record.state.history }),
    async approve({ id }) {
      // Not beside a pass: it would write the state it began with over the approval.
      const chosen = await loop.exclusive(async () => {
        const held = holdToApprove(record.state.pruneHolds, id);
        await record.writeState({
          ...record.state,
          approvals: [...new Set([...record.state.approvals, held])],
        });
        return held;
      });
      loop.poke();
      return chosen;
    },
    async rollback({ revision }) {
      const made = await rollBack({
        repository: parts.repository,
        state: record.state,
        revision,
        now: parts.clock.now(),
      });
      loop.poke();
      return made;
    },
    node: parts.node,
    nodeList: async () => parts.nodes.list(),
    async nodeStop({ name }) {
      await parts.nodes.stopNode(name);
      return name;
    },
    async nodeStart({ name }) {
      await parts.nodes.startNode(name);
      return name;
    },
    async down(request) {
      await parts.end(request);
      return 'ended';
    },
  };
}

function troubleJson({ code, message, retried, sinceMs }: StandingTrouble): JsonValue {
  return { code, message, retried, since: toRfc3339(sinceMs) };
}

async function atBranch(reader: SourceReader) {
  const { head, desired } = await reader.read();
  return { commit: head, desired };
}

function holdToApprove(waiting: readonly PruneHold[], id: string | null): string {
  const holds = waiting.filter(needsApproval);
  const [only, another] = holds;
  if (id === null) {
    if (only === undefined)
      throw new UserError('NOTHING_TO_APPROVE', 'no deletion waits for approval; see pintle status');
    if (another !== undefined)
      throw new UserError(
        'SEVERAL_WAIT',
        `several deletions wait; name one, pintle approve ID: ${holds.map((hold) => hold.id).join(', ')}`,
      );
    return only.id;
  }
  if (!holds.some((hold) => hold.id === id))
    throw new UserError(
      'NOTHING_TO_APPROVE',
      `no deletion ${id} waits for approval; ${only === undefined ? 'none does' : `these do: ${holds.map((hold) => hold.id).join(', ')}`}`,
    );
  return id;
}
