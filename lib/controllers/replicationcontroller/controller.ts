import type { ReplicationController } from '../../schema/types.gen.ts';
import type { Controller } from '../harness/controller.ts';
import { replicasController } from '../replicaset/replicas-controller.ts';
import { asReplicaSet } from './as-replica-set.ts';

/** Keeps as many pods of a ReplicationController as it asks for. Everything is decided as for a ReplicaSet. */
export function replicationControllerController(): Controller {
  return replicasController<ReplicationController>({
    name: 'replication-controller',
    kind: { group: '', kind: 'ReplicationController' },
    asReplicaSet,
  });
}
