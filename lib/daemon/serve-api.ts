import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrapAccess } from '../api/bootstrap-access.ts';
import type { PodAccess } from '../api/pod-access.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { type ApiBackend, startApiServer } from '../server/api-server.ts';
import { podTokenIssuer } from '../server/authentication/issue-pod-token.ts';
import { tokenAuthority } from '../server/authentication/service-account-token.ts';
import { type Certificates, loadCertificates } from '../server/certificates/certificates.ts';
import { serverNames } from '../server/certificates/server-names.ts';
import { API_PLACE_FILE } from './api-place.ts';
import { freePorts } from './free-ports.ts';

/** Source: default/kubernetes of any cluster; the other for those who may not listen below 1024. */
const SERVICE_PORTS = [443, 6_443] as const;

export type ServedApi = {
  readonly address: string;
  readonly port: number;
  /** How pods get to it. */
  readonly access: PodAccess;
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
  /** The machine's address for its pods, where they have networks of their own: it listens there too. */
  readonly gateway?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}): Promise<ServedApi> {
  const { dataDirectory, clock, random, log, serviceAddress, gateway } = options;
  const names = serverNames({ address: options.address, serviceAddress, gateway });
  const backend = Promise.withResolvers<ApiBackend>();
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const certificates = (): Certificates =>
    loadCertificates({ dataDirectory, names, now: clock.now(), random });
  const server = await startApiServer({
    ...{ clock, random, log, address: options.address, port: options.port },
    backend: backend.promise,
    certificates,
    ...(gateway !== undefined && !isEverywhere(options.address) && { alsoAt: gateway }),
  });
  const { address, port } = server;
  const { authority, tokenKey } = certificates();
  const access: PodAccess = {
    rootCertificate: authority.certificatePem,
    issueToken: podTokenIssuer({ tokens: tokenAuthority(tokenKey), clock, random }),
    // What listens at every address listens at this one.
    address: gateway ?? (isEverywhere(address) ? '127.0.0.1' : address),
    port,
    // Where pods have networks of their own the address is nobody's but the Service's.
    servicePorts: gateway === undefined ? await freePorts(serviceAddress, [...SERVICE_PORTS, port]) : [443],
  };
  return {
    address,
    port,
    access,
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

function isEverywhere(address: string): boolean {
  return /^(0\.0\.0\.0|::)$/.test(address);
}
