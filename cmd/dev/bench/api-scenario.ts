import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import type { ApiJob, ApiResult } from './api-load.ts';
import { figure } from './figure.ts';
import { generatedRepository } from './generated-repository.ts';
import { type ApiPlace, keptConnection, requestBytes } from './kept-connection.ts';
import { residentMb, shippedDaemon } from './shipped-daemon.ts';
import { shippedPintle } from './shipped-pintle.ts';
import { inTemporary } from './temporary.ts';

/** Until the first status commit is written and the daemon rests. */
const SETTLE_MS = 5_000;
const OBJECTS = 5_000;
const WATCHERS = 100;
const UPDATES = 300;

/**
 * What a real API server with etcd did on a machine of two cores, and what is aimed for: three times its writes and deliveries, twice
 * its gets, half its time for a list (138 ms for 4,500 objects), a third of its memory (439 MB and 93 of etcd).
 */
const AIMS = {
  creates: { 1: 3 * 644, 16: 3 * 1_642, 64: 3 * 2_102 },
  gets: 2 * 3_523,
  listMs: (138 / 2) * (OBJECTS / 4_500),
  deliveries: 3 * 37_900,
  memoryMb: (439 + 93) / 3,
} as const;

/** The published daemon, asked over https by processes of their own, each connection kept. */
export async function apiUnderLoad(): Promise<void> {
  const pintle = shippedPintle();
  await inTemporary(async (directory) => {
    const repo = await generatedRepository(directory, 3);
    await repo.repository.close();
    const data = join(directory, 'data');
    const daemon = await shippedDaemon(pintle, { repository: repo.path, data });
    try {
      figure('API served, from the start of the command', daemon.readyMs, 'ms', { certificates: 'made' });
      await pause(SETTLE_MS);
      const idleMb = residentMb(daemon.pid);
      const place = placeOf(pintle, data);
      await writes(place);
      await reads(place);
      for (const writers of [1, 16]) await deliveries(place, writers);
      await pause(SETTLE_MS);
      const afterMb = residentMb(daemon.pid);
      figure('API: resident memory after all of it', afterMb, 'MB', {
        aim: Math.round(AIMS.memoryMb),
        moreThanIdle: Math.round(afterMb - idleMb),
        peak: Math.round(residentMb(daemon.pid, 'VmHWM')),
      });
    } finally {
      await daemon.kill();
    }
  });
}

async function writes(place: ApiPlace): Promise<void> {
  await namespace(place, 'warm');
  await load(place, { job: 'create', namespace: 'warm', connections: 16, requests: 1_000, objects: 1_000 });
  for (const writers of [1, 16, 64] as const) {
    const within = `writers-${writers}`;
    await namespace(place, within);
    const requests = writers === 1 ? 2_000 : OBJECTS;
    const made = await load(place, {
      job: 'create',
      namespace: within,
      connections: writers,
      requests,
      objects: requests,
    });
    figure('API: creates of 2 KiB', requests / (made.ms / 1000), 'requests/s', {
      ...{ writers, aim: AIMS.creates[writers], p50Ms: made.p50Ms, p99Ms: made.p99Ms },
    });
  }
}

async function reads(place: ApiPlace): Promise<void> {
  for (const connections of [1, 16]) {
    const requests = 10_000;
    const got = await load(place, {
      job: 'get',
      namespace: 'writers-64',
      connections,
      requests,
      objects: OBJECTS,
    });
    figure('API: gets', requests / (got.ms / 1000), 'requests/s', {
      ...{ connections, aim: AIMS.gets, p50Ms: got.p50Ms, p99Ms: got.p99Ms },
    });
  }
  for (const gzip of [false, true]) {
    const listed = await load(place, { job: 'list', namespace: 'writers-64', times: 10, gzip });
    figure('API: a list of 5,000 objects', listed.p50Ms, 'ms', {
      ...{ gzip, aim: AIMS.listMs, most: listed.p99Ms, bytes: listed.bytes },
    });
  }
}

async function deliveries(place: ApiPlace, writers: number): Promise<void> {
  const within = `watched-${writers}`;
  await namespace(place, within);
  await load(place, {
    job: 'create',
    namespace: within,
    connections: writers,
    requests: writers,
    objects: writers,
  });
  const watching = startLoad(place, {
    job: 'watch',
    namespace: within,
    connections: WATCHERS,
    events: UPDATES,
  });
  await watching.listening;
  const written = await load(place, {
    job: 'update',
    namespace: within,
    connections: writers,
    requests: UPDATES,
    objects: writers,
  });
  const seen = await watching.result;
  const ms = seen.endMs - written.startMs;
  figure('API: watch deliveries', (WATCHERS * UPDATES) / (ms / 1000), 'events/s', {
    ...{
      watchers: WATCHERS,
      updates: UPDATES,
      writers,
      aim: AIMS.deliveries,
      lagP50Ms: seen.p50Ms,
      lagP99Ms: seen.p99Ms,
    },
  });
}

async function namespace(place: ApiPlace, name: string): Promise<void> {
  const connection = await keptConnection(place);
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const { code } = await connection.ask(requestBytes(place, 'POST', '/api/v1/namespaces', { body }));
  if (code !== 201) throw new Error(`the namespace ${name} is refused: ${code}`);
  connection.close();
}

function load(place: ApiPlace, job: ApiJob): Promise<ApiResult> {
  return startLoad(place, job).result;
}

/** The job in a process of its own. */
function startLoad(
  place: ApiPlace,
  job: ApiJob,
): { readonly listening: Promise<void>; readonly result: Promise<ApiResult> } {
  const args = [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'api-load.ts'),
    JSON.stringify(job),
  ];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(place));
  const listening = Promise.withResolvers<void>();
  const read = async (): Promise<ApiResult> => {
    const exited = once(child, 'exit');
    let result: ApiResult | null = null;
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as ApiResult | { readonly listening: true };
      if ('listening' in said) listening.resolve();
      else result = said;
    }
    await exited;
    if (result === null) throw new Error(`${job.job} failed`);
    return result;
  };
  return { listening: listening.promise, result: read() };
}

/** From the kubeconfig, as any client has it. */
function placeOf(pintle: string, data: string): ApiPlace {
  const text = execFileSync(pintle, ['kubeconfig', '--data', data], { encoding: 'utf8' });
  const { clusters, users } = parse(text) as {
    readonly clusters: readonly { readonly cluster: Record<string, string> }[];
    readonly users: readonly { readonly user: Record<string, string> }[];
  };
  const pem = (of: Record<string, string> | undefined, name: string): string =>
    Buffer.from(of?.[name] ?? '', 'base64').toString('utf8');
  const url = new URL(clusters[0]?.cluster.server ?? '');
  return {
    host: url.hostname,
    port: Number(url.port),
    ca: pem(clusters[0]?.cluster, 'certificate-authority-data'),
    cert: pem(users[0]?.user, 'client-certificate-data'),
    key: pem(users[0]?.user, 'client-key-data'),
  };
}
