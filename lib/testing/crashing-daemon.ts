/**
 * `pintle up` for tests of crashes: a commit whose subject is `Kill <daemon|agent|both> at <call>, <before|after>` kills them with
 * SIGKILL at the next such call of a port. Calls are named
 * by their ports, appends by what is in them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runDaemon } from '../../cmd/run-daemon.ts';
import { instanceLockHolder } from '../base/companion/instance-lock.ts';
import type { DaemonPorts } from '../daemon/daemon.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Pod } from '../schema/types.gen.ts';
import type { Store, Write } from '../store/store.ts';
import { type PortCall, processLife } from './process-life.ts';
import { driverOf, repositoryOf } from './severed-ports.ts';

const ORDER = /^Kill (daemon|agent|both) at (.+), (before|after)$/;

type Order = { readonly oid: string; readonly whom: string; readonly name: string; readonly side: string };

const { values } = parseArgs({
  options: {
    repo: { type: 'string', default: '' },
    data: { type: 'string', default: '' },
    runtime: { type: 'string' },
    output: { type: 'string', short: 'o' },
    'api-port': { type: 'string' },
  },
  allowPositionals: true,
});
const CARRIED_OUT = join(values.data, 'order-carried-out');
let order: Order | null = null;

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is dead already.
  }
}

/** Carries the order out when its call comes, once. */
function dies({ name, side }: PortCall): boolean {
  if (order === null || order.name !== name || order.side !== side) return false;
  const { whom, oid } = order;
  order = null;
  writeFileSync(CARRIED_OUT, oid);
  const agent = whom === 'daemon' ? null : instanceLockHolder(join(values.data, 'agent'));
  process.stdout.write(`${JSON.stringify({ type: 'killing', whom, name, side })}\n`);
  if (agent !== null) kill(agent.pid);
  if (whom !== 'agent') kill(process.pid);
  return whom !== 'agent';
}

/** An append by the first thing in it that its name is known for. */
const namedAppends: readonly (readonly [string, (text: string) => boolean])[] = [
  ['append of a hold', (text) => text.startsWith('/pintle.dev/sources/') && text.includes('"failedDigest"')],
  ['append of the plan', (text) => text.startsWith('/pintle.dev/sources/')],
  ['append of a ReplicaSet', (text) => text.startsWith('/apps/replicasets/')],
  ['append of a pod that goes', (text) => text.startsWith('//pods/') && text.includes('"deletionTimestamp"')],
  ['append of a ready pod', (text) => text.startsWith('//pods/') && text.includes('"ready":true')],
  ['append of a running pod', (text) => text.startsWith('//pods/') && text.includes('"startedAt"')],
  ['append of a bound pod', (text) => text.startsWith('//pods/') && text.includes('"nodeName"')],
  ['append of a pod', (text) => text.startsWith('//pods/')],
];

function nameOf(writes: readonly Write[]): string {
  const texts = writes.map(
    ({ key, value }) => `${key} ${value === null ? '' : Buffer.from(value).toString()}`,
  );
  return namedAppends.find(([, is]) => texts.some(is))?.[0] ?? 'append';
}

/** The store's file is locked while the daemon runs: what pods there are is told instead. */
function tellPods(store: Store): void {
  const pods = store
    .list('//pods/')
    .entries.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as Pod)
    .map(({ metadata, spec, status }) => ({
      uid: metadata.uid,
      container: spec.containers[0]?.name,
      goes: metadata.deletionTimestamp !== undefined,
      restarts: status?.containerStatuses?.[0]?.restartCount ?? 0,
      ended: status?.containerStatuses?.[0]?.state?.terminated ?? null,
    }));
  process.stdout.write(`${JSON.stringify({ type: 'pods', pods })}\n`);
}

/** What a batch is can be seen only once it is built, inside the store. */
function storeOf(store: Store): Store {
  return {
    ...store,
    async append(build) {
      let name = 'append';
      const seen = (writes: readonly Write[]): readonly Write[] => {
        name = nameOf(writes);
        dies({ name, side: 'before', number: 0 });
        return writes;
      };
      const revision = await store.append(
        typeof build === 'function' ? (at) => seen(build(at)) : seen(build),
      );
      dies({ name, side: 'after', number: 0 });
      if (name !== 'append') tellPods(store);
      return revision;
    },
  };
}

/** Takes the order from the commit that gives it; the daemon that comes after finds it carried out. */
function orderedBy(repository: GitRepository): GitRepository['commit'] {
  return async (oid) => {
    const commit = await repository.commit(oid);
    const [, whom, name, side] = ORDER.exec(commit.message.split('\n', 1)[0] ?? '') ?? [];
    if (whom !== undefined && name !== undefined && side !== undefined && carriedOut() !== oid) {
      order = { oid, whom, name, side };
    }
    return commit;
  };
}

function carriedOut(): string {
  return existsSync(CARRIED_OUT) ? readFileSync(CARRIED_OUT, 'utf8') : '';
}

function between(ports: DaemonPorts): DaemonPorts {
  const life = processLife(ports.clock, dies);
  tellPods(ports.store);
  const repository = repositoryOf(ports.repository, life);
  return {
    ...ports,
    store: storeOf(ports.store),
    repository: { ...repository, commit: orderedBy(ports.repository) },
    driver: driverOf(ports.driver, life),
  };
}

const running = await runDaemon(
  {
    repository: values.repo,
    cwd: process.cwd(),
    branch: 'main',
    path: '',
    dataDirectory: values.data,
    runtime: 'process',
    policy: 'hold',
    pollIntervalMs: 15_000,
    statusBranch: 'pintle/status',
    takeOverStatus: false,
    allowHostAccess: false,
    assumeHostImages: false,
    nodeName: 'node-1',
    logLevel: 'info',
  },
  between,
);
running.subscribe((event) => process.stdout.write(`${JSON.stringify(event)}\n`));
process.stderr.write('pintle follows the branch\n');
const signals = ['SIGTERM', 'SIGINT'] as const;
const signalled = new Promise((resolve) => {
  for (const signal of signals) process.on(signal, resolve);
});
const ending = { signals, signalled };
await running.ended(ending);
