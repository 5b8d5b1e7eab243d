import type { Clock } from '../../base/clock.ts';
import { CompanionLink } from '../../base/companion/companion-link.ts';
import { companionPaths } from '../../base/companion/companion-paths.ts';
import type { Peer, PeerListener } from '../../base/companion/peer.ts';
import { entryPoint } from '../../base/entry-points.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { Log } from '../../base/log.ts';
import { AGENT_REVISION, type AgentMethod, OLDEST_AGENT } from './protocol.ts';

export type AgentClientOptions = {
  readonly dataDirectory: string;
  /** The pods' directories. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A container changed; null: any of them may have, the agent was away for a while. */
  readonly onChange: (id: string | null) => void;
};

/** The daemon's end of the agent: one connection for requests, and one for each exec. Failures: WorldError AGENT_DOWN. */
export type AgentClient = {
  open(): Promise<void>;
  /** Every method but `exec` may be repeated. */
  request(method: Exclude<AgentMethod, 'exec'>, data: JsonObject): Promise<JsonValue>;
  dedicated(listener: PeerListener): Promise<Peer>;
  /** Ends every container, then the agent. */
  shutDown(): Promise<void>;
  close(): Promise<void>;
};

export function agentClient({ dataDirectory, root, clock, log, onChange }: AgentClientOptions): AgentClient {
  const program = entryPoint('agent');
  return new CompanionLink({
    call: {
      name: 'agent',
      paths: companionPaths({ dataDirectory, name: 'agent' }),
      revision: AGENT_REVISION,
      oldestCompanion: OLDEST_AGENT,
      program: {
        execPath: program.execPath,
        // It holds little and makes little garbage: a small young generation keeps it small.
        args: ['--max-semi-space-size=1', ...program.args, '--data', dataDirectory, '--root', root],
      },
      clock,
    },
    log,
    downCode: 'AGENT_DOWN',
    onNotice: (event, data) => {
      if (event === 'changed' && typeof data.id === 'string') onChange(data.id);
    },
    onBack: () => onChange(null),
  });
}
