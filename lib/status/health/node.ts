import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { conditionFacts, specOf } from './status-fields.ts';

/** Conditions of a node that are trouble when they are so. */
const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'] as const;

/** A node is healthy when it is ready and short of nothing; one that takes no pods on request is at rest. */
export function nodeHealth(node: KubeObject): Health {
  const ready = conditionFacts(node, 'Ready');
  if (ready === null) return progressing('NotRegistered', 'it has not said how it is');
  if (ready.status !== 'True')
    return degraded(ready.reason || 'NotReady', ready.message || 'it is not ready');
  for (const type of PRESSURES) {
    const pressure = conditionFacts(node, type);
    if (pressure?.status === 'True') return degraded(type, pressure.message || pressure.reason);
  }
  if (specOf(node).unschedulable === true)
    return { state: 'Suspended', reason: 'Cordoned', message: 'spec.unschedulable is true' };
  return healthy;
}
