import test from 'ava';
import fc from 'fast-check';
import { isApiError } from '../api/api-error.ts';
import type { Client, DeleteOptions } from '../api/client.ts';
import type { Pod } from '../schema/types.gen.ts';
import { nodeWorld, podOf, refOfPod, user } from '../testing/node-world.ts';
import { tries } from '../testing/thoroughness.ts';

const PODS = ['a', 'b'] as const;

const behaviour = fc.record({
  startDelayMs: fc.constantFrom(0, 700),
  readyAfterMs: fc.constantFrom(0, 2000),
  exitAfterMs: fc.constantFrom(null, 0, 900, 15_000),
  exitCode: fc.constantFrom(0, 1),
  stopAfterMs: fc.constantFrom(null, 0, 1500),
  livenessFailsAfterMs: fc.constantFrom(null, 4000),
});
const probe = { tcpSocket: { port: 80 }, periodSeconds: 1 };
const pod = fc.record({
  restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never'),
  hasInit: fc.boolean(),
  hasSidecar: fc.boolean(),
  hasHook: fc.boolean(),
  deadline: fc.constantFrom(undefined, 20),
  web: behaviour,
  init: behaviour,
  sidecar: behaviour,
});
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), spanMs: fc.integer({ min: 1, max: 12_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('create' as const), name: fc.constantFrom(...PODS), pod }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      name: fc.constantFrom(...PODS),
      grace: fc.constantFrom(0, 3),
    }),
  },
);
type Wanted = (typeof pod)['generate'] extends (...args: never[]) => { readonly value: infer T } ? T : never;

function podFrom(name: string, wanted: Wanted): Pod {
  const lifecycle = wanted.hasHook ? { lifecycle: { preStop: { sleep: { seconds: 1 } } } } : {};
  const init = [
    ...(wanted.hasSidecar ? [{ name: 'sidecar', image: 'host', restartPolicy: 'Always' }] : []),
    ...(wanted.hasInit ? [{ name: 'init', image: 'host' }] : []),
  ];
  const spec = {
    restartPolicy: wanted.restartPolicy,
    containers: [{ name: 'web', image: 'host', livenessProbe: probe, readinessProbe: probe, ...lifecycle }],
    terminationGracePeriodSeconds: 5,
    ...(init.length === 0 ? {} : { initContainers: init }),
    ...(wanted.deadline === undefined ? {} : { activeDeadlineSeconds: wanted.deadline }),
  };
  return podOf(name, spec, { containers: { web: wanted.web, init: wanted.init, sidecar: wanted.sidecar } });
}

/** Deletes a pod that may be gone, or go meanwhile. */
async function remove(client: Client, name: string, options: DeleteOptions): Promise<void> {
  try {
    await client.delete(refOfPod(name), options, user);
  } catch (failure) {
    if (!isApiError(failure, 'NotFound')) throw failure;
  }
}

/** What must hold between two statuses of one pod, in the order the API had them. */
function broken(before: Pod, after: Pod): string | null {
  const phases = `${before.status?.phase} to ${after.status?.phase}`;
  const wasOver = before.status?.phase === 'Succeeded' || before.status?.phase === 'Failed';
  if (wasOver && before.status?.phase !== after.status?.phase) return `phase ${phases}`;
  const countsOf = (of: Pod) => [
    ...(of.status?.containerStatuses ?? []),
    ...(of.status?.initContainerStatuses ?? []),
  ];
  for (const { name, restartCount } of countsOf(before)) {
    const later = countsOf(after).find((status) => status.name === name);
    if (later !== undefined && later.restartCount < restartCount) return `${name} restarts ${restartCount}`;
  }
  return null;
}

test('over any history a run starts at most once, counts never fall, an ended pod stays ended, nothing is left over', async (t) => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
    const w = await nodeWorld();
    const latest = new Map<string, Pod>();
    const faults: string[] = [];
    const watch = w.client.watch<Pod>(
      { group: '', kind: 'Pod' },
      { resourceVersion: (await w.client.list({ group: '', kind: 'Pod' }, {}, user)).resourceVersion },
      {
        onExpired: () => faults.push('watch expired'),
        onEvents: (events) => {
          for (const event of events) {
            if (event.type === 'BOOKMARK') continue;
            const uid = event.object.metadata.uid ?? '';
            const before = latest.get(uid);
            const fault = before === undefined ? null : broken(before, event.object);
            if (fault !== null) faults.push(fault);
            latest.set(uid, event.object);
          }
        },
      },
      user,
    );
    for (const one of steps) {
      if (one.do === 'pass') await w.pass(one.spanMs);
      else if (one.do === 'restart') await w.restart();
      else if (one.do === 'create') {
        if ((await w.pod(one.name)) === null) await w.client.create(podFrom(one.name, one.pod), user);
      } else await remove(w.client, one.name, { gracePeriodSeconds: one.grace });
    }
    for (const name of PODS) await remove(w.client, name, {});
    await w.pass(30_000);
    watch.close();
    for (const [id, times] of w.starts()) if (times !== 1) faults.push(`${id} started ${times} times`);
    for (const name of PODS) if ((await w.pod(name)) !== null) faults.push(`${name} is still there`);
    if (w.state.sandboxes.size + w.state.containers.size > 0) faults.push('the machine is not empty');
    await w.close();
    if (faults.length > 0) throw new Error(faults.join('; '));
  });
  await fc.assert(property, { numRuns: tries(100) });
  t.pass();
});
