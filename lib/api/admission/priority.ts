import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { forbidden } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** Source: scheduling v1 constants (semantics sheet, section 10). */
const SYSTEM_CLASSES: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** A pod's class becomes a number; without a class it is 0. Source: Priority admission. */
export function admitPriority(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== '' || kind.kind !== 'Pod' || previous !== undefined || !isObject(object.spec)) {
    return object;
  }
  const name = object.spec.priorityClassName;
  const found = typeof name === 'string' && name !== '' ? classOf(context, name) : { priority: 0 };
  if (found === null) {
    throw forbidden(kind, object.metadata.name, `no PriorityClass with name ${String(name)} was found`);
  }
  return {
    ...object,
    spec: { ...object.spec, preemptionPolicy: 'PreemptLowerPriority', ...found },
  };
}

function classOf(
  context: WriteContext,
  name: string,
): { readonly priority: number; readonly preemptionPolicy?: string } | null {
  const system = SYSTEM_CLASSES.get(name);
  if (system !== undefined) return { priority: system };
  const classes = context.schema.kind({ group: 'scheduling.k8s.io', kind: 'PriorityClass' });
  const found = classes && context.staging.get(classes, { namespace: '', name });
  if (found === undefined || typeof found.value !== 'number') return null;
  const { value, preemptionPolicy } = found;
  return {
    priority: value,
    ...(typeof preemptionPolicy === 'string' && { preemptionPolicy }),
  };
}
