import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import type { ExecutionContext } from 'ava';
import type { Client } from '../api/client.ts';
import type { NodeAgents } from '../api/node-agent.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import type { Schema } from '../schema/schema.ts';
import { type ApiServer, type ServerBounds, startApiServer } from '../server/api-server.ts';
import { type Certificates, loadCertificates } from '../server/certificates/certificates.ts';
import type { Store } from '../store/store.ts';
import { localApi } from './local-api.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export type Answer = {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `{}` where the text is no object. */
  readonly body: JsonObject;
};

export type Ask = {
  readonly body?: JsonObject | string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Without the admin's certificate. */
  readonly bare?: boolean;
};

/** A watch as a client sees it: lines of JSON until it ends. */
export type OpenWatch = {
  readonly lines: readonly JsonObject[];
  readonly ended: () => boolean;
  close(): void;
};

export type ServedApi = {
  readonly client: Client;
  readonly server: ApiServer;
  readonly certificates: Certificates;
  /** `GET /api/v1/pods`; the body as JSON unless its headers say otherwise. */
  ask(what: string, more?: Ask): Promise<Answer>;
  watch(path: string, headers?: Readonly<Record<string, string>>): OpenWatch;
};

const noNodes: NodeAgents = { agent: () => undefined, all: () => [] };

/** The API over https on a free port, on a store in memory; it ends with the test. */
export async function servedApi(
  t: Pick<ExecutionContext, 'teardown'>,
  options: {
    readonly clock?: Clock;
    readonly nodes?: NodeAgents;
    readonly store?: Store;
    readonly schema?: Schema;
    readonly bounds?: ServerBounds;
    /** Instead of those of a data directory of its own. */
    readonly certificates?: () => Certificates;
  } = {},
): Promise<ServedApi> {
  const clock = options.clock ?? systemClock({ keepAlive: false });
  const { client } = await localApi({
    clock,
    ...(options.store && { store: options.store }),
    ...(options.schema && { schema: options.schema }),
  });
  const dataDirectory = await temporaryDirectory(t);
  const random = seededRandom(7);
  const load =
    options.certificates ??
    ((): Certificates =>
      loadCertificates({ dataDirectory, names: ['localhost', '127.0.0.1'], now: Date.now(), random }));
  const certificates = load();
  const server = await startApiServer({
    ...{ clock, random, log: silentLog() },
    backend: Promise.resolve({ client, nodes: options.nodes ?? noNodes }),
    certificates: load,
    address: '127.0.0.1',
    port: 0,
    ...(options.bounds && { bounds: options.bounds }),
  });
  const { authority, admin } = certificates;
  const agents = {
    admin: new Agent({
      ca: authority.certificatePem,
      cert: admin.certificatePem,
      key: admin.keyPem,
      keepAlive: true,
    }),
    bare: new Agent({ ca: authority.certificatePem, keepAlive: true }),
  };
  t.teardown(async () => {
    agents.admin.destroy();
    agents.bare.destroy();
    await server.close();
  });
  const place = { host: '127.0.0.1', port: server.port };
  return {
    client,
    server,
    certificates,
    ask(what, { body, headers = {}, bare = false } = {}) {
      const [method = 'GET', path = '/'] = what.split(' ');
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const agent = bare ? agents.bare : agents.admin;
      const payload = isObject(body) && !Buffer.isBuffer(body) ? JSON.stringify(body) : (body ?? '');
      const length = { 'content-length': `${Buffer.byteLength(payload)}` };
      const sent = request(
        { ...place, agent, method, path, headers: { ...length, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({
              code: response.statusCode ?? 0,
              headers: response.headers,
              text,
              body: objectIn(text),
            });
          });
        },
      );
      sent.on('error', reject);
      sent.end(payload);
      return promise;
    },
    watch(path, headers = {}) {
      const lines: JsonObject[] = [];
      let over = false;
      let rest = '';
      const sent = request({ ...place, agent: agents.admin, path, headers }, (response) => {
        response.on('data', (chunk: Buffer) => {
          const parts = (rest + chunk.toString('utf8')).split('\n');
          rest = parts.pop() ?? '';
          for (const part of parts) lines.push(JSON.parse(part) as JsonObject);
        });
        // A refusal is one Status, without a line's end.
        response.on('end', () => rest !== '' && lines.push(JSON.parse(rest) as JsonObject));
        response.on('close', () => {
          over = true;
        });
      });
      sent.on('error', () => {
        over = true;
      });
      sent.end();
      return { lines, ended: () => over, close: () => void sent.destroy() };
    },
  };
}

function objectIn(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
