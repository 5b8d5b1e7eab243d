import type { Attributes } from '../../api/access/policy-rule.ts';

const STREAMED: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/**
 * What a request needs besides its own verb; null: nothing. A WebSocket begins with a GET: who may only read, even everything, is not
 * to run commands by it. Source: kube-apiserver 1.35, AuthorizePodWebsocketUpgradeCreatePermission.
 */
export function neededBesides(wanted: Attributes): Attributes | null {
  if (wanted.type === 'path' || wanted.group !== '' || wanted.resource !== 'pods') return null;
  if (wanted.verb !== 'get' || !STREAMED.has(wanted.subresource)) return null;
  return { ...wanted, verb: 'create' };
}
