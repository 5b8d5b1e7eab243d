import type { KubeObject } from '../../schema/object.ts';
import { type Health, healthy } from '../health-state.ts';
import { specOf } from './status-fields.ts';

/** A schedule that is kept is healthy, whatever became of one run: a failed run is its Job's. */
export function cronJobHealth(cronJob: KubeObject): Health {
  if (specOf(cronJob).suspend === true)
    return { state: 'Suspended', reason: 'Suspended', message: 'spec.suspend is true' };
  return healthy;
}
