import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeObject } from '../../../lib/schema/object.ts';
import type { Pod } from '../../../lib/schema/types.gen.ts';
import { applied, type DriverMaker, daemonUnderTest } from './daemon-under-test.ts';
import { figure, timed } from './figure.ts';
import { generatedRepository } from './generated-repository.ts';
import { inTemporary } from './temporary.ts';

const LOOK_MS = 10;
const DEADLINE_MS = 60_000;
const caller = { user: 'bench', groups: ['system:masters'], fieldManager: 'bench' };

/** From the first apply until every pod of every application is ready. */
export async function podsBurst(burst: {
  readonly applications: number;
  readonly replicas: number;
  readonly driver: string;
  readonly makeDriver?: DriverMaker;
}): Promise<void> {
  const { applications, replicas } = burst;
  const pods = applications * replicas;
  await inTemporary(async (directory) => {
    // Pods of users of their own have to get through.
    chmodSync(directory, 0o711);
    mkdirSync(join(directory, 'data'), { mode: 0o711 });
    const repo = await generatedRepository(directory, applications, replicas);
    const head = (await repo.repository.resolve('main')) ?? '';
    const test = await daemonUnderTest(directory, repo.path, burst.makeDriver);
    await test.event(applied(head));
    const { ms, cpuMs } = await timed(async () => {
      const deadline = performance.now() + DEADLINE_MS;
      const { client } = test.daemon;
      for (;;) {
        const { items } = await client.list<KubeObject & Pod>({ group: '', kind: 'Pod' }, {}, caller);
        if (items.filter(isReady).length >= pods) return;
        if (performance.now() > deadline) throw new Error(`${items.filter(isReady).length} of ${pods} pods`);
        await pause(LOOK_MS);
      }
    });
    figure('pods ready in a burst', pods / (ms / 1000), 'pods/s', {
      pods,
      driver: burst.driver,
      cpuMs,
      ...(burst.driver === 'simulated' ? { aim: 80 } : {}),
    });
    await test.stop();
    await repo.repository.close();
  });
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
