import { assertNever } from '../base/errors.ts';
import type { Blocked } from './plan.ts';

/** `shop/web.yaml:7:3 immutable-field: what to do`; without its place where that is not known. */
export function placeText({ path, position, ruleId, detail }: Blocked): string {
  if (path === undefined || position === undefined || ruleId === undefined) return detail;
  return `${path}:${position.line}:${position.column} ${ruleId}: ${detail}`;
}

/** Why an object is left as it is, for people, after its name. Its errors are listed elsewhere. */
export function blockText(block: Blocked): string {
  const { reason, detail } = block;
  switch (reason) {
    case 'invalid':
      return 'has errors';
    case 'component-blocked':
      return `waits: ${detail}`;
    case 'waits':
      return `waits for ${detail}`;
    case 'immutable-field':
      return placeText(block);
    case 'held-after-failure':
      return `is held at its last good version until its manifests change: ${detail}`;
    case 'refused':
      return `was refused by the API: ${detail}`;
    case 'healing-backed-off':
    case 'reconcile-disabled':
    case 'terminating':
    case 'kind-not-served':
    case 'comes-with-namespace':
      return detail;
    default:
      return assertNever(reason);
  }
}
