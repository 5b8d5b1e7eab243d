import { isObject } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Subresource } from '../schema/schema.ts';
import { scalePaths, valueIn, withValueIn } from './scale-paths.ts';

/**
 * What of `given` counts. Through `status` only status; through `scale` only spec.replicas (the object is given whole, not as
 * a Scale); through `ephemeralcontainers` only those; through none everything but status, for kinds that have that subresource.
 */
export function mergeSubresource(
  kind: Kind,
  change: {
    readonly previous: KubeObject;
    readonly given: KubeObject;
    readonly subresource: Subresource | undefined;
  },
): KubeObject {
  const { previous, given } = change;
  switch (change.subresource) {
    case 'status':
      return withStatus(previous, given);
    case 'scale': {
      const { specReplicas } = scalePaths(kind);
      return withValueIn(previous, specReplicas, valueIn(given, specReplicas));
    }
    case 'ephemeralcontainers': {
      const { ephemeralContainers } = isObject(given.spec) ? given.spec : {};
      const spec = isObject(previous.spec) ? previous.spec : {};
      return { ...previous, spec: { ...spec, ...(ephemeralContainers && { ephemeralContainers }) } };
    }
    case undefined:
      return kind.subresources.includes('status') ? withStatus(given, previous) : given;
  }
}

function withStatus(object: KubeObject, from: KubeObject): KubeObject {
  const { status: _status, ...rest } = object;
  return from.status === undefined ? rest : { ...rest, status: from.status };
}
