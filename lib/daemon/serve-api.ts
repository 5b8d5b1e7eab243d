import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrapAccess } from '../api/bootstrap-access.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { type ApiBackend, startApiServer } from '../server/api-server.ts';
import { loadCertificates } from '../server/certificates/certificates.ts';
import { serverNames } from '../server/certificates/server-names.ts';
import { API_PLACE_FILE } from './api-place.ts';

export type ServedApi = {
  readonly address: string;
  readonly port: number;
  /** Requests are answered from now on. */
  answerFrom(backend: ApiBackend): Promise<void>;
  close(): Promise<void>;
};

/**
 * Takes the port of the Kubernetes API before anything else begins, so that one that is taken is told at once and nothing has to be
 * undone. Writes where it listens into the data directory, for `pintle kubeconfig`. UserError PORT_TAKEN.
 */
export async function serveApi(options: {
  readonly dataDirectory: string;
  readonly address: string;
  readonly port: number;
  /** The first address of the service range. */
  readonly serviceAddress: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<ServedApi> {
  const { dataDirectory, clock, random, log, serviceAddress } = options;
  const names = serverNames({ address: options.address, serviceAddress });
  const backend = Promise.withResolvers<ApiBackend>();
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const server = await startApiServer({
    ...{ clock, random, log, address: options.address, port: options.port },
    backend: backend.promise,
    certificates: () => loadCertificates({ dataDirectory, names, now: clock.now(), random }),
  });
  const { address, port } = server;
  return {
    address,
    port,
    async answerFrom(given) {
      await bootstrapAccess(given.client);
      const path = join(dataDirectory, API_PLACE_FILE);
      writeFileSync(`${path}.new`, JSON.stringify({ address, port }), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      backend.resolve(given);
    },
    close: () => server.close(),
  };
}
