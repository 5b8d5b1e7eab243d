import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { conditionFacts, statusOf } from './status-fields.ts';

/**
 * A claim is healthy with a volume. One whose class waits for a pod has none until there is one, and lacks nothing; what
 * another waits for is in its events.
 */
export function claimHealth(claim: KubeObject, context: HealthContext): Health {
  switch (statusOf(claim).phase) {
    case 'Bound':
      return boundHealth(claim);
    case 'Lost':
      return degraded('Lost', 'its volume is gone');
    default:
      if (context.waitsForConsumer?.(claim) === true)
        return {
          state: 'Suspended',
          reason: 'WaitForFirstConsumer',
          message: 'it has a volume once a pod uses it',
        };
      return progressing('Pending', 'it has no volume yet');
  }
}

function boundHealth(claim: KubeObject): Health {
  for (const type of ['ControllerResizeError', 'NodeResizeError'] as const) {
    const failed = conditionFacts(claim, type);
    if (failed?.status === 'True') return degraded(type, failed.message || failed.reason);
  }
  const resizing = conditionFacts(claim, 'Resizing');
  if (resizing?.status === 'True')
    return progressing('Resizing', resizing.message || 'it is being made larger');
  return healthy;
}

/** A volume need not be wanted. */
export function volumeHealth(volume: KubeObject): Health {
  const { phase, message } = statusOf(volume);
  return phase === 'Failed' ? degraded('Failed', String(message ?? 'it cannot be reclaimed')) : healthy;
}
