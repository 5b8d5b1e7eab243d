import { systemClasses } from '../schema/system-priority.ts';
import type { Caller, Client, Operation } from './client.ts';

const caller: Caller = { user: 'system:apiserver', groups: ['system:masters'], fieldManager: 'bootstrap' };
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'system-cluster-critical': 'For pods that the cluster needs, on whatever node they run.',
  'system-node-critical': 'For pods that their node needs: above all others.',
};

/** The priority classes every cluster has, where they are not there. Pods get their numbers with or without them. */
export async function bootstrapPriority(client: Client): Promise<void> {
  const operations: Operation[] = [];
  for (const [name, value] of systemClasses) {
    const ref = { group: 'scheduling.k8s.io', kind: 'PriorityClass', namespace: '', name };
    if ((await client.get(ref, caller)) !== null) continue;
    const description = DESCRIPTIONS[name] ?? '';
    const object = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
      ...(description !== '' && { description }),
    };
    operations.push({ op: 'create', object });
  }
  if (operations.length > 0) await client.transact(operations, caller);
}
