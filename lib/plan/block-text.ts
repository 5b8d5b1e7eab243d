import { assertNever } from '../base/errors.ts';
import type { Blocked } from './plan.ts';

/** Why an object is left as it is, for people, after its name. Its errors are listed elsewhere. */
export function blockText({ reason, detail }: Blocked): string {
  switch (reason) {
    case 'invalid':
      return 'has errors';
    case 'component-blocked':
      return `waits: ${detail}`;
    case 'immutable-field':
      return detail;
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
