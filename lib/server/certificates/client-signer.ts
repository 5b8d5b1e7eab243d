import type { CertificateRequest } from '../../api/certificates/certificate-request.ts';
import { type Clock, secondMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { AUTHORITY, type Certificates, serialOf } from './certificates.ts';
import { issueCertificate } from './issue-certificate.ts';

/** Signs for the user and the groups that a request names, as its CN and O. */
export type ClientSigner = (
  request: CertificateRequest,
  /** As long as the authority would itself when unset; never longer. */
  expirationSeconds: number | undefined,
) => string;

export function clientSigner(of: {
  readonly certificates: () => Certificates;
  readonly clock: Clock;
  readonly random: Random;
}): ClientSigner {
  return ({ commonName, organizations, publicKey }, expirationSeconds) => {
    const { authority } = of.certificates();
    const now = of.clock.now();
    const mostMs = timings.certificateLifetimeMs;
    const lifetimeMs = Math.min(mostMs, (expirationSeconds ?? mostMs / secondMs) * secondMs);
    return issueCertificate(
      { subject: AUTHORITY, privateKey: authority.privateKey },
      {
        subject: { commonName, organizations },
        publicKey,
        use: 'client',
        notBeforeMs: now - timings.certificateBackdateMs,
        notAfterMs: now + lifetimeMs,
        serial: serialOf(of.random),
      },
    );
  };
}
