import { isApiError } from '../../api/api-error.ts';
import type { Timer } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import { timings } from '../../base/limits.ts';
import type { Node } from '../../schema/types.gen.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';
import { newNode, nodeLabels, nodeStatus } from './node-object.ts';
import type { NodeSettings } from './node-settings.ts';

export type NodeTending = {
  /** Resolves once the Node stands in the API. Rejects when the API refuses it. */
  register(): Promise<void>;
  stop(): void;
};

/** Keeps the Node object: created if it is not there, its status written at once and at every heartbeat. */
export function nodeTending(edge: RuntimeEdge, settings: NodeSettings): NodeTending {
  const { client, caller, clock, driver, nodeName, log } = edge;
  const ref = { group: '', kind: 'Node', namespace: '', name: nodeName } as const;
  let timer: Timer | null = null;
  let stopped = false;

  const ensure = async (): Promise<Node> => {
    const found = await client.get<Node>(ref, caller);
    if (found === null) {
      try {
        return await client.create<Node>(newNode(nodeName, settings), caller);
      } catch (failure) {
        if (!isApiError(failure, 'AlreadyExists')) throw failure;
        return ensure();
      }
    }
    const labels = nodeLabels(nodeName, settings);
    const missing = Object.keys(labels).some((name) => found.metadata.labels?.[name] !== labels[name]);
    if (!missing) return found;
    return client.patch<Node>(ref, { type: 'merge', patch: { metadata: { labels } } }, caller);
  };
  const health = async (): Promise<Parameters<typeof nodeStatus>[2]> => {
    const runtime = driver.name;
    try {
      await driver.sandboxes();
      return { ready: true, message: `The ${runtime} driver answers.`, runtime };
    } catch (failure) {
      if (!(failure instanceof WorldError)) throw failure;
      return { ready: false, message: messageOf(failure), runtime };
    }
  };
  const report = async (): Promise<void> => {
    const node = await ensure();
    const status = nodeStatus(node, settings, await health(), clock.now());
    const { resourceVersion: _, ...metadata } = node.metadata;
    await client.update<Node>({ ...node, metadata, status }, caller, { subresource: 'status' });
  };
  const beat = async (): Promise<void> => {
    try {
      await report();
    } catch (failure) {
      if (!isApiError(failure) && !(failure instanceof WorldError)) throw failure;
      log.warn('node-status-failed', { failure: messageOf(failure) });
    }
    arm();
  };
  const arm = (): void => {
    if (!stopped) timer = clock.setTimer(timings.nodeHeartbeatMs, () => void beat());
  };
  return {
    async register() {
      await report();
      arm();
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
