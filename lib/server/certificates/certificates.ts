import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { EpochMs } from '../../base/clock.ts';
import { UserError } from '../../base/errors.ts';
import { timings } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { type Credential, readCredential, readPem, writeCredential, writePem } from './credential-file.ts';
import { type CertificateRequest, type Issuer, issueCertificate } from './issue-certificate.ts';

/** What one data directory's API is known by, and who may do everything with it. */
export type Certificates = {
  readonly authority: Credential;
  readonly server: Credential;
  /** User `pintle-admin` of group system:masters. */
  readonly admin: Credential;
  /** Signs the tokens of service accounts. */
  readonly tokenKey: KeyObject;
};

export const AUTHORITY = { commonName: 'pintle-ca' } as const;
const SERVER = { commonName: 'pintle-apiserver' } as const;
export const ADMIN = { commonName: 'pintle-admin', organizations: ['system:masters'] } as const;

/**
 * Everything in `<data>/pki`, made where it is missing, renewed where it expires soon or its names have changed. The authority
 * and the token key stay as long as the directory does. Files 0600. UserError CREDENTIAL_UNREADABLE.
 */
export function loadCertificates(options: {
  readonly dataDirectory: string;
  /** DNS names and addresses the server answers to. */
  readonly names: readonly string[];
  readonly now: EpochMs;
  readonly random: Random;
}): Certificates {
  const { dataDirectory, names, now } = options;
  const directory = pkiDirectory(dataDirectory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const authority = loadAuthority(join(directory, 'ca.pem'), options);
  const leaf = (file: string, request: Pick<CertificateRequest, 'subject' | 'use' | 'names'>): Credential =>
    loadLeaf(join(directory, file), { authority, request, now, random: options.random });
  return {
    authority,
    server: leaf('apiserver.pem', { subject: SERVER, use: 'server', names }),
    admin: leaf('admin.pem', { subject: ADMIN, use: 'client' }),
    tokenKey: loadTokenKey(join(directory, 'service-account.pem')),
  };
}

export function pkiDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'pki');
}

/** Whether it should be replaced: it does not hold now, or not for long any more. */
export function expiresSoon(certificate: X509Certificate, now: EpochMs): boolean {
  const from = Date.parse(certificate.validFrom);
  return now < from || Date.parse(certificate.validTo) - now < timings.certificateRenewalMs;
}

type Made = { readonly now: EpochMs; readonly random: Random };

function loadAuthority(path: string, { now, random }: Made): Credential {
  const known = readCredential(path);
  if (known !== null) return known;
  const { privateKey, publicKey } = newKey();
  const pem = issueCertificate(
    { subject: AUTHORITY, privateKey },
    {
      subject: AUTHORITY,
      publicKey,
      use: 'authority',
      ...validity(now, timings.authorityLifetimeMs),
      serial: serialOf(random),
    },
  );
  return writeCredential(path, pem, privateKey);
}

function loadLeaf(
  path: string,
  options: Made & {
    readonly authority: Credential;
    readonly request: Pick<CertificateRequest, 'subject' | 'use' | 'names'>;
  },
): Credential {
  const { authority, request, now, random } = options;
  const known = readCredential(path);
  const names = request.names ?? [];
  if (
    known?.certificate.verify(createPublicKey(authority.privateKey)) &&
    !expiresSoon(known.certificate, now) &&
    names.every((name) => isNamed(known.certificate, name))
  ) {
    return known;
  }
  const { privateKey, publicKey } = newKey();
  const issuer: Issuer = { subject: AUTHORITY, privateKey: authority.privateKey };
  const made = {
    ...request,
    publicKey,
    ...validity(now, timings.certificateLifetimeMs),
    serial: serialOf(random),
  };
  return writeCredential(path, issueCertificate(issuer, made), privateKey);
}

function isNamed(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

function loadTokenKey(path: string): KeyObject {
  const pem = readPem(path);
  if (pem === null) {
    const { privateKey } = newKey();
    writePem(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    return privateKey;
  }
  try {
    return createPrivateKey(pem);
  } catch {
    throw new UserError(
      'CREDENTIAL_UNREADABLE',
      `${path} holds no private key; delete it to have a new one`,
      { path },
    );
  }
}

function newKey(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

/** From a little earlier: clocks of one machine's programs need not agree to the second. */
function validity(
  now: EpochMs,
  lifetimeMs: number,
): { readonly notBeforeMs: EpochMs; readonly notAfterMs: EpochMs } {
  return { notBeforeMs: now - timings.certificateBackdateMs, notAfterMs: now + lifetimeMs };
}

export function serialOf(random: Random): Uint8Array {
  const bytes = Buffer.from(random.uuid().replaceAll('-', ''), 'hex');
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}
