import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { etcdBeside } from './etcd-scenario.ts';
import { figure } from './figure.ts';
import { generatedRepository } from './generated-repository.ts';
import { type ApiPlace, keptConnection, requestBytes } from './kept-connection.ts';
import { type Loaded, load, startLoad } from './load-process.ts';
import { residentMb, type ShippedDaemon, shippedDaemon } from './shipped-daemon.ts';
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
  listMsPerObject: 138 / 2 / 4_500,
  deliveries: 3 * 37_900,
  memoryMb: (439 + 93) / 3,
} as const;

/** The published daemon, asked over https by processes of their own, each connection kept; and etcd beside it where there is one. */
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
      const api = { place: placeOf(pintle, data), pid: daemon.pid };
      await writes(api);
      await reads(api);
      for (const writers of [1, 16]) await deliveries(api, writers);
      await pause(SETTLE_MS);
      memory('API: resident memory after all of it', daemon.pid, idleMb);
    } finally {
      await daemon.kill();
    }
    await etcdBeside(directory);
  });
}

/** What the daemon holds with as many objects as a list is measured of, and nothing asked of it. */
export async function apiAtRest(): Promise<void> {
  const pintle = shippedPintle();
  await inTemporary(async (directory) => {
    const repo = await generatedRepository(directory, 3);
    await repo.repository.close();
    const data = join(directory, 'data');
    const start = (): Promise<ShippedDaemon> => shippedDaemon(pintle, { repository: repo.path, data });
    const first = await start();
    await pause(SETTLE_MS);
    const idleMb = residentMb(first.pid);
    const api = { place: placeOf(pintle, data), pid: first.pid };
    await namespace(api, 'rest');
    const made = { connections: 16, requests: OBJECTS, objects: OBJECTS };
    await load(api, { job: 'create', namespace: 'rest', ...made });
    await pause(SETTLE_MS);
    memory('API: resident memory with 5,000 objects', first.pid, idleMb);
    await first.kill();
    const second = await start();
    await pause(SETTLE_MS);
    memory('API: resident memory with 5,000 objects, started with them', second.pid, idleMb);
    await second.kill();
  });
}

function memory(name: string, pid: number, idleMb: number): void {
  const nowMb = residentMb(pid);
  figure(name, nowMb, 'MB', {
    aim: Math.round(AIMS.memoryMb),
    moreThanIdle: Math.round(nowMb - idleMb),
    peak: Math.round(residentMb(pid, 'VmHWM')),
  });
}

async function writes(api: Loaded): Promise<void> {
  await namespace(api, 'warm');
  await load(api, { job: 'create', namespace: 'warm', connections: 16, requests: 1_000, objects: 1_000 });
  for (const writers of [1, 16, 64] as const) {
    const within = `writers-${writers}`;
    await namespace(api, within);
    const requests = { 1: 2_000, 16: 4_500, 64: OBJECTS }[writers];
    const made = await load(api, {
      job: 'create',
      namespace: within,
      connections: writers,
      requests,
      objects: requests,
    });
    figure('API: creates of 2 KiB', requests / (made.ms / 1000), 'requests/s', {
      ...{ writers, aim: AIMS.creates[writers], p50Ms: made.p50Ms, p99Ms: made.p99Ms, ...made.machine },
    });
  }
}

async function reads(api: Loaded): Promise<void> {
  for (const connections of [1, 16]) {
    const requests = 10_000;
    const got = await load(api, {
      job: 'get',
      namespace: 'writers-64',
      connections,
      requests,
      objects: OBJECTS,
    });
    figure('API: gets', requests / (got.ms / 1000), 'requests/s', {
      ...{ connections, aim: AIMS.gets, p50Ms: got.p50Ms, p99Ms: got.p99Ms, ...got.machine },
    });
  }
  for (const [within, objects] of [
    ['writers-16', 4_500],
    ['writers-64', OBJECTS],
  ] as const) {
    for (const gzip of [false, true]) {
      const listed = await load(api, { job: 'list', namespace: within, times: 20, gzip });
      const aim = Math.round(AIMS.listMsPerObject * objects);
      figure('API: a list', listed.p50Ms, 'ms', {
        ...{ objects, gzip, aim, most: listed.p99Ms, bytes: listed.bytes, ...listed.machine },
      });
    }
  }
}

async function deliveries(api: Loaded, writers: number): Promise<void> {
  const within = `watched-${writers}`;
  await namespace(api, within);
  await load(api, {
    job: 'create',
    namespace: within,
    connections: writers,
    requests: writers,
    objects: writers,
  });
  const watching = startLoad(api, {
    job: 'watch',
    namespace: within,
    connections: WATCHERS,
    events: UPDATES,
  });
  await watching.listening;
  const written = await load(api, {
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
      ...seen.machine,
      writerCpu: written.machine.clientsCpu,
    },
  });
}

async function namespace(api: Loaded, name: string): Promise<void> {
  const connection = await keptConnection(api.place);
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const { code } = await connection.ask(requestBytes(api.place, 'POST', '/api/v1/namespaces', { body }));
  if (code !== 201) throw new Error(`the namespace ${name} is refused: ${code}`);
  connection.close();
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
    tls: {
      ca: pem(clusters[0]?.cluster, 'certificate-authority-data'),
      cert: pem(users[0]?.user, 'client-certificate-data'),
      key: pem(users[0]?.user, 'client-key-data'),
    },
  };
}
