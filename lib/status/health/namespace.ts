import type { KubeObject } from '../../schema/object.ts';
import { type Health, healthy, progressing } from '../health-state.ts';
import { statusOf } from './status-fields.ts';

export function namespaceHealth(namespace: KubeObject): Health {
  return statusOf(namespace).phase === 'Terminating'
    ? progressing('Terminating', 'its content is being deleted')
    : healthy;
}
