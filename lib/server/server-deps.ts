import type { Client } from '../api/client.ts';
import type { evictions } from '../api/evict-pod.ts';
import type { NodeAgents } from '../api/node-agent.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { TokenAuthority } from './authentication/service-account-token.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import type { ClientSigner } from './certificates/client-signer.ts';
import type { ConnectionRoom } from './fairness/connection-room.ts';
import type { HeavyTurns } from './fairness/heavy-turns.ts';
import type { InFlight } from './fairness/in-flight.ts';
import type { RequestCounts } from './paths/request-counts.ts';
import type { Turns } from './resources/in-turns.ts';

/** What answering a request may use. */
export type ServerDeps = {
  readonly client: Client;
  readonly nodes: NodeAgents;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tokens: TokenAuthority;
  readonly signer: ClientSigner;
  readonly authorizer: Authorizer;
  readonly room: ConnectionRoom;
  readonly inFlight: InFlight;
  readonly heavy: HeavyTurns;
  readonly counts: RequestCounts;
  /** Of all watchers; each waits for one turn at most. */
  readonly turns: Turns;
  readonly evictions: ReturnType<typeof evictions>;
};
