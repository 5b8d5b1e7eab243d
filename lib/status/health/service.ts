import { LISTENS_CONDITION } from '../../api/own-conditions.ts';
import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { conditionFacts, specOf } from './status-fields.ts';

/** A Service wants all its addresses; with a selector, somebody who answers; one without is kept by hand. */
export function serviceHealth(service: KubeObject, context: HealthContext): Health {
  const listens = conditionFacts(service, LISTENS_CONDITION);
  if (listens?.status === 'False') return degraded(listens.reason, listens.message);
  const { selector, type } = specOf(service);
  if (type === 'ExternalName' || !isObject(selector) || Object.keys(selector).length === 0) return healthy;
  if (context.readyEndpoints(service) > 0) return healthy;
  return progressing('NoReadyEndpoints', 'no ready pod matches its selector');
}
