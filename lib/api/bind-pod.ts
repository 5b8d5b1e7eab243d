import type { EpochMs } from '../base/clock.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import { setCondition } from '../schema/conditions.ts';
import type { Pod } from '../schema/types.gen.ts';
import { ApiError } from './api-error.ts';
import type { Caller, Client } from './client.ts';

/** Gives a pod its node, as a Binding asks. Conflict when it has one, NotFound, BadRequest when the binding names no node. */
export async function bindPod(
  client: Client,
  binding: { readonly namespace: string; readonly name: string; readonly body: JsonObject },
  by: { readonly caller: Caller; readonly now: EpochMs },
): Promise<void> {
  const { namespace, name, body } = binding;
  const target = isObject(body.target) ? body.target : {};
  if (typeof target.name !== 'string' || target.name === '' || (target.kind ?? 'Node') !== 'Node') {
    throw new ApiError('BadRequest', 'the binding must name a node: target: {kind: Node, name: …}');
  }
  const ref = { group: '', kind: 'Pod', namespace, name };
  const pod = await client.get<Pod & { apiVersion: string; kind: string }>(ref, by.caller);
  if (pod === null) {
    throw new ApiError('NotFound', `pods "${name}" not found`, { details: { kind: 'pods', name } });
  }
  if (pod.spec?.nodeName) {
    throw new ApiError(
      'Conflict',
      `Operation cannot be fulfilled on pods/binding "${name}": pod ${name} is already assigned to node "${pod.spec.nodeName}"`,
      { details: { kind: 'pods/binding', name } },
    );
  }
  const { uid = '', resourceVersion = '' } = pod.metadata;
  const conditions = setCondition(pod.status?.conditions, { type: 'PodScheduled', status: 'True' }, by.now);
  await client.transact(
    [
      {
        op: 'patch',
        ref,
        patch: { type: 'json', operations: [{ op: 'add', path: '/spec/nodeName', value: target.name }] },
        preconditions: { uid, resourceVersion },
      },
      {
        op: 'patch',
        ref,
        patch: { type: 'json', operations: [{ op: 'add', path: '/status/conditions', value: conditions }] },
        subresource: 'status',
      },
    ],
    by.caller,
  );
}
