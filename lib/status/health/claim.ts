import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { statusOf } from './status-fields.ts';

/** A claim is healthy with a volume. What it waits for is in its events. */
export function claimHealth(claim: KubeObject): Health {
  switch (statusOf(claim).phase) {
    case 'Bound':
      return healthy;
    case 'Lost':
      return degraded('Lost', 'its volume is gone');
    default:
      return progressing('Pending', 'it has no volume yet');
  }
}

/** A volume need not be wanted. */
export function volumeHealth(volume: KubeObject): Health {
  const { phase, message } = statusOf(volume);
  return phase === 'Failed' ? degraded('Failed', String(message ?? 'it cannot be reclaimed')) : healthy;
}
