import { isObject } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';

/** Source: core v1 defaults. */
const POD_GRACE_SECONDS_DEFAULT = 30;

/**
 * How long an object stays after it is deleted. Only pods stay; not those that no node has, nor those that have ended.
 * A negative request means one second. Source: pod strategy CheckGracefulDelete.
 */
export function deletionGraceSeconds(kind: Kind, object: KubeObject, requested: number | undefined): number {
  if (kind.group !== '' || kind.kind !== 'Pod') return 0;
  const spec = isObject(object.spec) ? object.spec : {};
  const phase = isObject(object.status) ? object.status.phase : undefined;
  if (!spec.nodeName || phase === 'Failed' || phase === 'Succeeded') return 0;
  const own = spec.terminationGracePeriodSeconds;
  const seconds = requested ?? (typeof own === 'number' ? own : POD_GRACE_SECONDS_DEFAULT);
  return seconds < 0 ? 1 : seconds;
}
