import { notFound } from '../../api/api-failures.ts';
import { patchedScale } from '../../api/patched-scale.ts';
import { scaleOf, withScale } from '../../api/scale.ts';
import { isObject, type JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { receivedBody } from '../fairness/received-body.ts';
import { answerJson, answerObject } from '../resources/answer.ts';
import { readPatch } from '../resources/read-patch.ts';
import { refOfTarget, type Target } from '../resources/target.ts';
import { readObject } from '../resources/write-objects.ts';
import { methodNotAllowed } from '../wire/not-served.ts';
import { mediaTypeOf } from '../wire/read-body.ts';

/** GET, PUT and PATCH of a Scale: the size of an object, whatever its kind. */
export async function answerScale(exchange: Exchange, target: Target): Promise<void> {
  const { client } = exchange.deps;
  const ref = refOfTarget(target);
  const caller = callerOf(exchange);
  const object = await client.get(ref, caller);
  if (object === null) throw notFound(target.kind, target.info.name);
  const resize = async (scale: JsonObject): Promise<void> => {
    const { resourceVersion } = isObject(scale.metadata) ? scale.metadata : {};
    const { resourceVersion: read, ...metadata } = withScale(object, scale, target.kind).metadata;
    // A Scale without a resourceVersion takes whatever is there; the object was read a moment ago.
    const version = typeof resourceVersion === 'string' && resourceVersion !== '' ? resourceVersion : read;
    const sized: KubeObject = {
      ...withScale(object, scale, target.kind),
      metadata: { ...metadata, ...(version && { resourceVersion: version }) },
    };
    const left = await client.update(sized, caller, { subresource: 'scale' });
    await answerJson(exchange, 200, scaleOf(left, target.kind));
  };
  switch (target.info.verb) {
    case 'get':
      return answerObject(
        exchange,
        { ...target, apiVersion: 'autoscaling/v1', resource: { ...target.resource, kind: 'Scale' } },
        { object: scaleOf(object, target.kind) },
      );
    case 'update':
      return resize(await readObject(exchange));
    case 'patch': {
      const { request } = exchange;
      const patch = readPatch(await receivedBody(exchange), mediaTypeOf(request), exchange.query);
      return resize(patchedScale(client.schema, scaleOf(object, target.kind), patch));
    }
    default:
      throw methodNotAllowed();
  }
}
