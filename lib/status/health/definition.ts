import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { conditionFacts } from './status-fields.ts';

/** A CustomResourceDefinition is healthy once its kind is served. Names that another one has do not come free by themselves. */
export function definitionHealth(definition: KubeObject): Health {
  const names = conditionFacts(definition, 'NamesAccepted');
  if (names?.status === 'False') return degraded(names.reason || 'NamesNotAccepted', names.message);
  const established = conditionFacts(definition, 'Established');
  if (established?.status === 'True') return healthy;
  return progressing('NotEstablished', 'its kind is not served yet');
}
