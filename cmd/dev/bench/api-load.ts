/**
 * A process that puts load on an API server, or on etcd: a job as JSON in the only argument, the place of the server on stdin, what came
 * of it as one line of JSON on stdout. Watchers print a line when all of them listen, too.
 */
import { readFileSync } from 'node:fs';
import { seededRandom } from '../../../lib/base/random.ts';
import { percentile } from './figure.ts';
import { type ApiPlace, type KeptConnection, keptConnection, requestBytes } from './kept-connection.ts';

export type ApiJob =
  | {
      readonly job: 'create' | 'update' | 'get';
      readonly namespace: string;
      readonly connections: number;
      /** Requests, all connections together. `update` and `get` go round `objects` names. */
      readonly requests: number;
      readonly objects: number;
    }
  /** Puts through the HTTP gateway of etcd. */
  | { readonly job: 'etcd-put'; readonly connections: number; readonly requests: number }
  | { readonly job: 'list'; readonly namespace: string; readonly times: number; readonly gzip: boolean }
  | {
      readonly job: 'watch';
      readonly namespace: string;
      readonly connections: number;
      readonly events: number;
    };

export type ApiResult = {
  readonly ms: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** When the last of it came: performance.timeOrigin and performance.now together. */
  readonly endMs: number;
  readonly startMs: number;
  readonly bytes: number;
  /** CPU time of this process between the two. */
  readonly cpuMs: number;
};

const PAYLOAD_BYTES = 2048;
const SENT = 'sentAt';

/** Text that compresses no better than most. */
const noise = seededRandom(1).suffix(PAYLOAD_BYTES);

const now = (): number => performance.timeOrigin + performance.now();

/** Begins measuring; the other half is called at the end. */
function measured(): () => Pick<ApiResult, 'ms' | 'startMs' | 'endMs' | 'cpuMs'> {
  const startMs = now();
  const before = process.cpuUsage();
  return () => {
    const endMs = now();
    const { user, system } = process.cpuUsage(before);
    return { ms: endMs - startMs, startMs, endMs, cpuMs: (user + system) / 1000 };
  };
}

function objectText(namespace: string, name: string): string {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { app: 'bench' } },
    data: { [SENT]: now().toFixed(3), payload: '' },
  };
  const rest = PAYLOAD_BYTES - JSON.stringify(object).length;
  object.data.payload = noise.slice(0, Math.max(0, rest));
  return JSON.stringify(object);
}

type RequestsJob = Extract<ApiJob, { readonly requests: number }>;

/** The request of this number. */
function requestOf(place: ApiPlace, job: RequestsJob, at: number): Buffer {
  if (job.job === 'etcd-put') {
    const [key, value] = [`/registry/configmaps/bench/object-${at}`, objectText('bench', `object-${at}`)].map(
      (text) => Buffer.from(text).toString('base64'),
    );
    return requestBytes(place, 'POST', '/v3/kv/put', { body: JSON.stringify({ key, value }) });
  }
  const path = `/api/v1/namespaces/${job.namespace}/configmaps`;
  const name = `object-${at % job.objects}`;
  switch (job.job) {
    case 'create':
      return requestBytes(place, 'POST', path, { body: objectText(job.namespace, name) });
    case 'update':
      return requestBytes(place, 'PUT', `${path}/${name}`, { body: objectText(job.namespace, name) });
    case 'get':
      return requestBytes(place, 'GET', `${path}/${name}`);
  }
}

async function requests(place: ApiPlace, job: RequestsJob): Promise<ApiResult> {
  const spans: number[] = [];
  let next = 0;
  let bytes = 0;
  const work = async (connection: KeptConnection): Promise<void> => {
    while (next < job.requests) {
      const request = requestOf(place, job, next++);
      const sent = performance.now();
      const { code, body } = await connection.ask(request);
      if (code !== 200 && code !== 201) throw new Error(`${job.job}: ${code} ${body.toString('utf8')}`);
      spans.push(performance.now() - sent);
      bytes += body.length;
    }
  };
  const connections = await Promise.all(Array.from({ length: job.connections }, () => keptConnection(place)));
  const end = measured();
  await Promise.all(connections.map(work));
  const span = end();
  for (const connection of connections) connection.close();
  return { ...span, p50Ms: percentile(spans, 50), p99Ms: percentile(spans, 99), bytes };
}

async function lists(place: ApiPlace, job: Extract<ApiJob, { readonly job: 'list' }>): Promise<ApiResult> {
  const connection = await keptConnection(place);
  const request = requestBytes(place, 'GET', `/api/v1/namespaces/${job.namespace}/configmaps`, job);
  const spans: number[] = [];
  let bytes = 0;
  const end = measured();
  for (let at = 0; at < job.times; at += 1) {
    const sent = performance.now();
    const { code, body } = await connection.ask(request);
    if (code !== 200) throw new Error(`list: ${code}`);
    spans.push(performance.now() - sent);
    bytes = body.length;
  }
  const span = end();
  connection.close();
  return { ...span, p50Ms: percentile(spans, 50), p99Ms: percentile(spans, 99), bytes };
}

/** Every event is looked for by when it was sent: what it carries is on its way as it was written. */
async function watches(place: ApiPlace, job: Extract<ApiJob, { readonly job: 'watch' }>): Promise<ApiResult> {
  const mark = Buffer.from(`"${SENT}":"`);
  const first = await keptConnection(place);
  const path = `/api/v1/namespaces/${job.namespace}/configmaps`;
  const listed = await first.ask(requestBytes(place, 'GET', `${path}?limit=1`));
  const { resourceVersion } = (
    JSON.parse(listed.body.toString('utf8')) as { metadata: { resourceVersion: string } }
  ).metadata;
  first.close();
  const connections = await Promise.all(Array.from({ length: job.connections }, () => keptConnection(place)));
  const lags: number[] = [];
  let bytes = 0;
  const over = Promise.withResolvers<void>();
  const listening = connections.map((connection) => {
    const opened = Promise.withResolvers<void>();
    // Of an event that is cut in two, enough to find the mark in.
    let rest: Buffer = Buffer.alloc(0);
    connection.stream(
      requestBytes(place, 'GET', `${path}?watch=true&resourceVersion=${resourceVersion}`),
      (chunk) => {
        opened.resolve();
        const at = now();
        bytes += chunk.length;
        const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        let done = 0;
        for (let found = text.indexOf(mark); found >= 0; found = text.indexOf(mark, done)) {
          const value = found + mark.length;
          const end = text.indexOf(0x22, value);
          if (end < 0) break;
          lags.push(at - Number(text.toString('latin1', value, end)));
          done = end;
        }
        rest = text.subarray(Math.max(done, text.length - 64));
        if (lags.length >= job.connections * job.events) over.resolve();
      },
    );
    return opened.promise;
  });
  await Promise.all(listening);
  process.stdout.write('{"listening":true}\n');
  const end = measured();
  await over.promise;
  const span = end();
  for (const connection of connections) connection.close();
  return { ...span, p50Ms: percentile(lags, 50), p99Ms: percentile(lags, 99), bytes };
}

const place = JSON.parse(readFileSync(0, 'utf8')) as ApiPlace;
const job = JSON.parse(process.argv[2] ?? '') as ApiJob;
const result = await (job.job === 'list'
  ? lists(place, job)
  : job.job === 'watch'
    ? watches(place, job)
    : requests(place, job));
process.stdout.write(`${JSON.stringify(result)}\n`);
