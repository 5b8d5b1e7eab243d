import type { ReplicaSet } from '../../schema/types.gen.ts';
import type { Controller } from '../harness/controller.ts';
import { replicasController } from './replicas-controller.ts';

/** Keeps as many pods of a ReplicaSet as it asks for. */
export function replicaSetController(): Controller {
  return replicasController<ReplicaSet>({
    name: 'replicaset-controller',
    kind: { group: 'apps', kind: 'ReplicaSet' },
    asReplicaSet: (replicaSet) => replicaSet,
  });
}
