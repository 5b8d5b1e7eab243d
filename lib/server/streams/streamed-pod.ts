import { notFound } from '../../api/api-failures.ts';
import type { NodeAgent } from '../../api/node-agent.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { refOfTarget, type Target } from '../resources/target.ts';
import { agentOfPod } from './agent-of-pod.ts';

/** The pod a request is about, and what runs it. NotFound; BadRequest before it has a node. */
export async function streamedPod(
  exchange: Exchange,
  target: Target,
): Promise<{ readonly pod: Pod & KubeObject; agent(): NodeAgent }> {
  const { deps } = exchange;
  const pod = await deps.client.get<Pod & KubeObject>(refOfTarget(target), callerOf(exchange));
  if (pod === null) throw notFound(target.kind, target.info.name);
  return {
    pod,
    agent: () => agentOfPod(deps.nodes, pod),
  };
}
