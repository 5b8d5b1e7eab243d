import { ApiError } from '../../api/api-error.ts';
import { notFound } from '../../api/api-failures.ts';
import type { LogOptions } from '../../api/node-agent.ts';
import { fromRfc3339, pause, secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { nonNegative } from '../resources/read-list.ts';
import { refOfTarget, type Target } from '../resources/target.ts';
import { agentOfPod } from '../streams/agent-of-pod.ts';
import { soleContainer } from '../streams/command-options.ts';
import { isTrue } from '../wire/request-info.ts';

/** GET of a container's log, as text; with `follow` until the container or the client is gone. */
export async function answerLog(exchange: Exchange, target: Target): Promise<void> {
  const { deps, query, response } = exchange;
  const pod = await deps.client.get<Pod & KubeObject>(refOfTarget(target), callerOf(exchange));
  if (pod === null) throw notFound(target.kind, target.info.name);
  const container = query.get('container') || soleContainer(pod);
  const agent = agentOfPod(deps.nodes, pod);
  const place = { namespace: target.info.namespace, pod: pod.metadata.name, container };
  const chunks = agent.logs(place, logOptions(query, deps.clock.now()))[Symbol.asyncIterator]();
  const gone = Promise.withResolvers<IteratorResult<Uint8Array>>();
  response.on('close', () => gone.resolve({ done: true, value: undefined }));
  // What the agent refuses is answered as a failure, so its first word is waited for; a follower's only for a moment.
  let next = chunks.next();
  await (isTrue(query.get('follow')) ? Promise.race([next, pause(deps.clock, timings.logRefusalMs)]) : next);
  response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  for (;;) {
    const step = await Promise.race([next, gone.promise]);
    if (step.done) break;
    if (!response.write(step.value)) await drained(response, gone.promise);
    next = chunks.next();
    // It may fail while nobody waits for it; the next turn hears of that.
    next.catch(() => undefined);
  }
  response.end();
  void chunks.return?.();
}

async function drained(response: Exchange['response'], gone: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('drain', resolve);
  await Promise.race([promise, gone]);
}

function logOptions(query: URLSearchParams, now: number): LogOptions {
  const since = query.get('sinceTime');
  const sinceMs = since
    ? fromRfc3339(since)
    : query.get('sinceSeconds')
      ? now - nonNegative(query, 'sinceSeconds') * secondMs
      : null;
  if (since && sinceMs === null)
    throw new ApiError('BadRequest', `sinceTime: ${JSON.stringify(since)} is no time`);
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(query.get('tailLines') && { tailLines: nonNegative(query, 'tailLines') }),
    ...(query.get('limitBytes') && { limitBytes: nonNegative(query, 'limitBytes') }),
    ...(sinceMs !== null && { sinceMs }),
  };
}
