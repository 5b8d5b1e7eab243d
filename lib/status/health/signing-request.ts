import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy } from '../health-state.ts';
import { conditionFacts, statusOf } from './status-fields.ts';

/** A CertificateSigningRequest waits for somebody's word, which is no trouble; denied or failed it never has a certificate. */
export function signingRequestHealth(request: KubeObject): Health {
  for (const type of ['Denied', 'Failed'] as const) {
    const end = conditionFacts(request, type);
    if (end?.status === 'True')
      return degraded(type, end.message || end.reason || `it was ${type.toLowerCase()}`);
  }
  const { certificate } = statusOf(request);
  if (typeof certificate === 'string' && certificate !== '') return healthy;
  const approved = conditionFacts(request, 'Approved')?.status === 'True';
  const message = approved ? 'its signer has not signed it yet' : 'nobody has approved it yet';
  return { state: 'Suspended', reason: approved ? 'NotSigned' : 'NotApproved', message };
}
