import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createDoor, type Server as Door, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from '../api/client.ts';
import { evictions } from '../api/evict-pod.ts';
import type { NodeAgents } from '../api/node-agent.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { codeOf, messageOf, UserError, WorldError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { answerRequest } from './answer-request.ts';
import { tokenAuthority } from './authentication/service-account-token.ts';
import { authorizer } from './authorization/authorizer.ts';
import type { Certificates } from './certificates/certificates.ts';
import { clientSigner } from './certificates/client-signer.ts';
import { type ConnectionTurns, connectionTurns } from './connection-turns.ts';
import { connectionRoom } from './fairness/connection-room.ts';
import { heavyTurns } from './fairness/heavy-turns.ts';
import { type InFlightBounds, inFlight } from './fairness/in-flight.ts';
import { requestCounts } from './paths/request-counts.ts';
import { inTurns } from './resources/in-turns.ts';
import type { ServerDeps } from './server-deps.ts';
import { asksForUpgrade, serveUpgrades } from './upgrades.ts';
import { tooManyRequests } from './wire/not-served.ts';
import { refuseConnection } from './wire/refuse-connection.ts';
import { writeFailure } from './wire/write-response.ts';

export type ApiBackend = { readonly client: Client; readonly nodes: NodeAgents };

export type ApiServer = {
  readonly address: string;
  readonly port: number;
  /** Ends every connection, watches too. */
  close(): Promise<void>;
};

/** Instead of those of `limits` and `timings`. */
export type ServerBounds = {
  /** How long a client may take (milliseconds): for TLS, its headers, its whole request; and how often that is looked at. */
  readonly times?: Pick<
    ServerOptions,
    'handshakeTimeout' | 'headersTimeout' | 'requestTimeout' | 'connectionsCheckingInterval'
  >;
  readonly connectionsMax?: number;
  readonly inFlight?: InFlightBounds;
};

/**
 * Serves the Kubernetes API over TLS. `certificates` is asked at the start and twice a day, so that a renewed one is taken up without
 * a restart. UserError PORT_TAKEN; WorldError CANNOT_LISTEN.
 */
export async function startApiServer(options: {
  /** What answers: a port can be taken before there is anything behind it. Requests wait for it. */
  readonly backend: Promise<ApiBackend>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly certificates: () => Certificates;
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Another address to listen at, at the same port: that of the machine for its pods. */
  readonly alsoAt?: string | undefined;
  readonly bounds?: ServerBounds;
}): Promise<ApiServer> {
  const { clock, random, log, bounds = {} } = options;
  const certificates = options.certificates();
  const tokens = tokenAuthority(certificates.tokenKey);
  const connectionsMax = bounds.connectionsMax ?? limits.serverConnectionsMax;
  const room = connectionRoom(connectionsMax);
  const ready = options.backend.then(
    ({ client, nodes }): ServerDeps => ({
      ...{ client, nodes, clock, random, log, tokens },
      authorizer: authorizer(client),
      evictions: evictions(client, clock),
      signer: clientSigner({ certificates: options.certificates, clock, random }),
      room,
      inFlight: inFlight(bounds.inFlight),
      heavy: heavyTurns(clock, {
        restMaxMs: timings.heavyRestMaxMs,
        waitingMax: limits.serverHeavyWaitingMax,
      }),
      counts: requestCounts(limits.serverCountedSeriesMax),
      turns: inTurns(clock, {
        perTurn: limits.serverWatchersPerTurn,
        restPerTurnMs: timings.watchRestPerTurnMs,
        restMaxMs: timings.watchRestMaxMs,
      }),
    }),
  );
  const server = tlsServer(certificates, bounds.times);
  // Those that go to make room are there a moment longer.
  server.maxConnections = connectionsMax + limits.serverConnectionsGoingMax;
  server.on('connection', (socket) => {
    if (socket instanceof Socket) room.arrived(socket);
  });
  const turns = connectionTurns();
  serve(server, { ready, log, turns });
  const upgrades = serveUpgrades(server, { log, turns }, (request, response, upgrade) => {
    ready.then(
      (deps) => answerRequest(deps, request, response, upgrade),
      () => response.destroy(),
    );
  });
  await listen(server, options);
  const { address, port } = server.address() as AddressInfo;
  const second = options.alsoAt === undefined ? null : await secondDoor(server, options.alsoAt, port);
  // What never gets a backend does not keep the process.
  server.unref();
  let renewal: { cancel(): void } | null = null;
  ready.then(
    () => {
      server.ref();
      renewal = renewing(server, options);
    },
    () => undefined,
  );
  log.info('api-server-listens', { address, port });
  return {
    address,
    port,
    close: () => {
      renewal?.cancel();
      second?.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        upgrades.closeAll();
      });
    },
  };
}

function tlsServer(certificates: Certificates, times: ServerBounds['times']): Server {
  return createServer({
    ...contextOf(certificates),
    // Whoever shows no certificate may still have a token; whoever shows a wrong one is refused when it asks.
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    maxHeaderSize: limits.serverHeaderBytesMax,
    requestTimeout: timings.serverRequestMs,
    headersTimeout: timings.serverHeadersMs,
    keepAliveTimeout: timings.serverKeepAliveMs,
    // A peer that is gone without a word is found out, though nothing is sent to it.
    keepAlive: true,
    keepAliveInitialDelay: timings.serverProbeMs,
    handshakeTimeout: timings.serverHandshakeMs,
    // How often the times above are looked at.
    connectionsCheckingInterval: timings.serverConnectionsCheckMs,
    ...times,
    shouldUpgradeCallback: asksForUpgrade,
  });
}

function serve(
  server: Server,
  by: { readonly ready: Promise<ServerDeps>; readonly log: Log; readonly turns: ConnectionTurns },
): void {
  const { ready, log, turns } = by;
  // Of those not known yet, too: how many places each of the others has is seen once it is known who asks.
  let waiting = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (waiting >= limits.serverRequestsMax + limits.serverStreamsMax) {
      void writeFailure(response, tooManyRequests());
      return;
    }
    waiting += 1;
    response.on('close', () => {
      waiting -= 1;
    });
    ready.then(
      (deps) => answerRequest(deps, request, response),
      () => response.destroy(),
    );
  };
  server.on('request', (request, response: ServerResponse) => {
    response.on('error', (failure) => log.debug('response-broken', { message: messageOf(failure) }));
    const inTurn = turns.take(request.socket, () => {
      answer(request, response);
      return response;
    });
    if (!inTurn) request.socket.destroy();
  });
  const secured = new WeakSet<Duplex>();
  server.on('secureConnection', (socket) => secured.add(socket));
  server.on('clientError', (failure, socket) => {
    const answer = turns.answering(socket);
    // Between the head of an answer and its end, anything else would be part of it.
    const isAnswering = answer?.headersSent === true && !answer.writableFinished;
    if (secured.has(socket) && !isAnswering) refuseConnection(failure, socket);
    else socket.destroy();
  });
  server.on('tlsClientError', (failure) => log.debug('tls-refused', { message: failure.message }));
}

async function listen(
  server: Server | Door,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, address, resolve);
  try {
    await promise;
  } catch (failure) {
    const where = `${address}:${port}`;
    if (codeOf(failure) === 'EADDRINUSE') {
      throw new UserError(
        'PORT_TAKEN',
        `${where} is taken by another program; choose another port with --api-port, or 0 for one that is free`,
        { address, port },
      );
    }
    throw new WorldError(
      'CANNOT_LISTEN',
      `cannot listen at ${where}: ${messageOf(failure)}`,
      { address, port },
      failure,
    );
  }
  server.off('error', reject);
}

/** Whoever comes by it is served as all others are. */
async function secondDoor(server: Server, address: string, port: number): Promise<{ close(): void }> {
  const door = createDoor({ noDelay: true, keepAlive: true, keepAliveInitialDelay: timings.serverProbeMs });
  door.maxConnections = server.maxConnections;
  door.on('connection', (socket) => server.emit('connection', socket));
  try {
    await listen(door, { address, port });
  } catch (failure) {
    server.close();
    throw failure;
  }
  door.unref();
  return { close: () => void door.close() };
}

function contextOf({ authority, server }: Certificates): {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
} {
  return { ca: authority.certificatePem, cert: server.certificatePem, key: server.keyPem };
}

function renewing(
  server: Server,
  { clock, log, certificates }: Pick<Parameters<typeof startApiServer>[0], 'clock' | 'log' | 'certificates'>,
): { cancel(): void } {
  let timer: Timer;
  const look = (): void => {
    try {
      server.setSecureContext(contextOf(certificates()));
    } catch (failure) {
      log.warn('certificates-not-renewed', { message: messageOf(failure) });
    }
    arm();
  };
  const arm = (): void => {
    timer = clock.setTimer(timings.certificateCheckMs, look);
  };
  arm();
  return { cancel: () => timer.cancel() };
}
