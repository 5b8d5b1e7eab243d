import { isApiError } from '../../api/api-error.ts';
import type { EpochMs, Timer } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import { deepEqual } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import type { Node } from '../../schema/types.gen.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';
import { leaseKeeper } from './keep-lease.ts';
import { conditionEvents } from './node-events.ts';
import { newNode, nodeStatus, steadyStatus, withOwnFields } from './node-object.ts';
import type { NodeSettings } from './node-settings.ts';

export type NodeTending = {
  /** Resolves once the Node stands in the API, or is not to. Rejects when the API refuses it. */
  register(): Promise<void>;
  /** From now on nothing is told of the node. */
  stop(): void;
};

/**
 * Keeps the Node object: created if it is not there, its lease renewed at every beat, its status written when it is another, and now and
 * then though it is not.
 */
export function nodeTending(edge: RuntimeEdge, settingsNow: () => NodeSettings): NodeTending {
  const { client, caller, clock, driver, nodeName, log, events } = edge;
  const ref = { group: '', kind: 'Node', namespace: '', name: nodeName } as const;
  const renewLease = leaseKeeper(edge);
  let timer: Timer | null = null;
  let stopped = false;
  let reportedAtMs: EpochMs = 0;

  /** null: somebody else declares it, and has not. */
  const ensure = async (): Promise<Node | null> => {
    const settings = settingsNow();
    const found = await client.get<Node>(ref, caller);
    if (found === null) {
      if (settings.isDeclared === true) return null;
      try {
        return await client.create<Node>(newNode(nodeName, settings), caller);
      } catch (failure) {
        if (!isApiError(failure, 'AlreadyExists')) throw failure;
        return ensure();
      }
    }
    const wanted = withOwnFields(found, settings);
    return deepEqual(wanted, found) ? found : client.update<Node>(wanted, caller);
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
  const report = async (node: Node): Promise<void> => {
    const said = await health();
    const now = clock.now();
    const status = nodeStatus(node, settingsNow(), said, now);
    const isDue = now - reportedAtMs >= timings.nodeHeartbeatMs;
    if (stopped || (!isDue && deepEqual(steadyStatus(status), steadyStatus(node.status)))) return;
    const { resourceVersion: _, ...metadata } = node.metadata;
    await client.update<Node>({ ...node, metadata, status }, caller, { subresource: 'status' });
    reportedAtMs = now;
    for (const note of conditionEvents(nodeName, node.status?.conditions, status.conditions))
      events.record(node, note);
  };
  /** The world's failures are told, and the next beat tries again. */
  const tryTo = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (failure) {
      if (!isApiError(failure) && !(failure instanceof WorldError)) throw failure;
      log.warn('node-status-failed', { failure: messageOf(failure) });
    }
  };
  const beat = async (): Promise<void> => {
    const node = await ensure();
    if (node === null || stopped) return;
    await renewLease(node);
    await report(node);
  };
  const arm = (): void => {
    if (stopped) return;
    timer = clock.setTimer(timings.nodeLeaseRenewMs, () => void tryTo(beat).then(arm));
  };
  return {
    async register() {
      const node = await ensure();
      if (node !== null) {
        await renewLease(node);
        await tryTo(() => report(node));
        events.record(node, { type: 'Normal', reason: 'Starting', message: 'Starting the node agent.' });
      }
      arm();
    },
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
