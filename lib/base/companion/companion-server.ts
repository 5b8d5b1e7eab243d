import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { WorldError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { CompanionPaths } from './companion-paths.ts';
import { type Peer, type PeerListener, peerOver } from './peer.ts';

export type CompanionService = {
  /** Counts up with every change of the messages or of what the companion does. */
  readonly revision: number;
  /** The oldest revision of a caller that is still understood. */
  readonly oldestCaller: number;
  /** Called for each connection; what it returns handles that connection. */
  accept(peer: Peer): PeerListener;
  /** Whether a newer companion may take this one's place now. */
  mayRetire(): boolean;
  /** Leave; what is looked after stays as it is. */
  retire(): void;
};

export type CompanionServer = { peers(): readonly Peer[]; close(): void };

/**
 * Listens on the companion's socket. The caller holds the instance lock, so a socket file that lies there is dead.
 * The messages `hello` and `retire` keep their form in all revisions.
 */
export async function serveCompanion(
  paths: CompanionPaths,
  service: CompanionService,
): Promise<CompanionServer> {
  const peers = new Set<Peer>();
  const server = createServer((socket) => {
    if (peers.size >= limits.companionPeersMax) return void socket.destroy();
    const listener: PeerListener = {
      onRequest: async (method, data) => {
        if (method === 'hello') return hello(service);
        if (method === 'retire') return retire(service);
        return theirs.onRequest?.(method, data);
      },
      onNotice: (event, data) => theirs.onNotice?.(event, data),
      onBytes: (channel, bytes) => theirs.onBytes?.(channel, bytes),
    };
    const peer = peerOver(socket, listener);
    const theirs = service.accept(peer);
    peers.add(peer);
    void peer.gone.then(() => peers.delete(peer));
  });
  rmSync(paths.socketPath, { force: true });
  await listening(server, paths.socketPath);
  return {
    peers: () => [...peers],
    close: () => {
      server.close();
      for (const peer of peers) peer.close();
    },
  };
}

function hello(service: CompanionService): JsonObject {
  return { revision: service.revision, oldestCaller: service.oldestCaller, pid: process.pid };
}

function retire(service: CompanionService): JsonObject {
  if (!service.mayRetire()) throw new WorldError('COMPANION_BUSY', 'the companion is in use');
  // The answer goes out first.
  setImmediate(() => service.retire());
  return {};
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}
