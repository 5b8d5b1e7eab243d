import type { NodeAgents } from '../api/node-agent.ts';
import type { Random } from '../base/random.ts';
import { autoscalerController } from '../controllers/autoscaler/controller.ts';
import { clusterRoleController } from '../controllers/clusterrole/controller.ts';
import { cronJobController } from '../controllers/cronjob/controller.ts';
import { customResourceDefinitionController } from '../controllers/customresourcedefinition/controller.ts';
import { daemonSetController } from '../controllers/daemonset/controller.ts';
import { deploymentController } from '../controllers/deployment/controller.ts';
import { disruptionController } from '../controllers/disruption/controller.ts';
import { endpointsController } from '../controllers/endpoints/controller.ts';
import type { Controller } from '../controllers/harness/controller.ts';
import { jobController } from '../controllers/job/controller.ts';
import { namespaceController } from '../controllers/namespace/controller.ts';
import { nodeLifecycleController } from '../controllers/nodelifecycle/controller.ts';
import { persistentVolumeController } from '../controllers/persistentvolume/controller.ts';
import { persistentVolumeClaimController } from '../controllers/persistentvolumeclaim/controller.ts';
import { podGarbageController } from '../controllers/podgc/controller.ts';
import { quotaController } from '../controllers/quota/controller.ts';
import { replicaSetController } from '../controllers/replicaset/controller.ts';
import { replicationControllerController } from '../controllers/replicationcontroller/controller.ts';
import { statefulSetController } from '../controllers/statefulset/controller.ts';
import { taintEvictionController } from '../controllers/tainteviction/controller.ts';

/** Every controller there is. Adding a kind that runs is adding its controller here. */
export function controllers({
  nodes,
  rootCertificate,
}: {
  readonly nodes: NodeAgents;
  readonly random: Random;
  /** Unset: no API is served. */
  readonly rootCertificate?: string | undefined;
}): readonly Controller[] {
  return [
    namespaceController({ rootCertificate }),
    customResourceDefinitionController(),
    clusterRoleController(),
    deploymentController(),
    replicaSetController(),
    replicationControllerController(),
    daemonSetController(),
    statefulSetController(),
    jobController(),
    cronJobController(),
    autoscalerController({ nodes }),
    endpointsController(),
    quotaController(),
    disruptionController(),
    nodeLifecycleController(),
    taintEvictionController(),
    podGarbageController(),
    persistentVolumeController({ nodes }),
    persistentVolumeClaimController(),
  ];
}
