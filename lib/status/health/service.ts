import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { specOf } from './status-fields.ts';

/** A Service with a selector wants somebody who answers; one without is kept by hand. */
export function serviceHealth(service: KubeObject, context: HealthContext): Health {
  const { selector, type } = specOf(service);
  if (type === 'ExternalName' || !isObject(selector) || Object.keys(selector).length === 0) return healthy;
  if (context.readyEndpoints(service) > 0) return healthy;
  return progressing('NoReadyEndpoints', 'no ready pod matches its selector');
}
