import { ApiError } from '../../api/api-error.ts';
import { bindPod } from '../../api/bind-pod.ts';
import { isObject } from '../../base/json.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { answerJson } from '../resources/answer.ts';
import { deleteOptions } from '../resources/delete-options.ts';
import type { Target } from '../resources/target.ts';
import { readObject } from '../resources/write-objects.ts';

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;

/** POST of a policy/v1 Eviction. */
export async function answerEviction(exchange: Exchange, { info }: Target): Promise<void> {
  const body = await readObject(exchange);
  const given = isObject(body.deleteOptions) ? body.deleteOptions : {};
  const { name } = isObject(body.metadata) ? body.metadata : {};
  if (name !== undefined && name !== info.name) {
    throw new ApiError(
      'BadRequest',
      `name in URL does not match name in Eviction object: ${JSON.stringify(name)} != ${JSON.stringify(info.name)}`,
    );
  }
  const { options, dryRun } = deleteOptions(given, exchange.query);
  const pod = { namespace: info.namespace, name: info.name };
  await exchange.deps.evictions.evict(pod, options, callerOf(exchange, { dryRun }));
  await answerJson(exchange, 201, success);
}

/** POST of a Binding. */
export async function answerBinding(exchange: Exchange, { info }: Target): Promise<void> {
  const { client, clock } = exchange.deps;
  const body = await readObject(exchange);
  const binding = { namespace: info.namespace, name: info.name, body };
  await bindPod(client, binding, { caller: callerOf(exchange), now: clock.now() });
  await answerJson(exchange, 201, success);
}
