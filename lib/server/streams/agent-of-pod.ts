import { ApiError } from '../../api/api-error.ts';
import type { NodeAgent, NodeAgents } from '../../api/node-agent.ts';
import type { Pod } from '../../schema/types.gen.ts';

/** What runs the pod. BadRequest before it has a node; ServiceUnavailable where its node is not heard of: it may be again. */
export function agentOfPod(nodes: NodeAgents, { metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): NodeAgent {
  const nodeName = spec?.nodeName;
  if (!nodeName) throw new ApiError('BadRequest', `pod ${metadata.name} does not have a host assigned`);
  const agent = nodes.agent(nodeName);
  if (agent === undefined)
    throw new ApiError('ServiceUnavailable', `error dialing backend: node ${nodeName} does not answer`);
  return agent;
}
