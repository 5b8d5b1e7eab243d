import { isArray, isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { statusOf } from './status-fields.ts';

export function namespaceHealth(namespace: KubeObject): Health {
  return statusOf(namespace).phase === 'Terminating' ? terminatingHealth(namespace) : healthy;
}

/** On its way out: what keeps it (a finalizer nobody takes away, content that cannot be deleted) is in its conditions. */
export function terminatingHealth(namespace: KubeObject): Health {
  const { conditions } = statusOf(namespace);
  for (const condition of isArray(conditions) ? conditions.filter(isObject) : []) {
    const { type, status, reason, message } = condition;
    if (status !== 'True' || typeof type !== 'string') continue;
    const [why, text] = [String(reason ?? type), String(message ?? type)];
    if (/Failure$/.test(type)) return degraded(why, text);
    if (type === 'NamespaceFinalizersRemaining') return progressing(why, text);
  }
  return progressing('Terminating', 'its content is being deleted');
}
