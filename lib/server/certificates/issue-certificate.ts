import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { isIP } from 'node:net';
import type { EpochMs } from '../../base/clock.ts';
import {
  bitString,
  boolean,
  context,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from './der.ts';

export type Subject = { readonly commonName: string; readonly organizations?: readonly string[] };

export type CertificateRequest = {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly use: 'authority' | 'server' | 'client';
  /** DNS names and IP addresses of a server. */
  readonly names?: readonly string[];
  readonly notBeforeMs: EpochMs;
  readonly notAfterMs: EpochMs;
  /** 1 to 20 bytes; unique for the issuer. */
  readonly serial: Uint8Array;
};

/** Who signs: its name and its key (P-256). An authority's own certificate is signed by itself. */
export type Issuer = { readonly subject: Subject; readonly privateKey: KeyObject };

const ids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** A version 3 certificate in PEM. Source: RFC 5280. */
export function issueCertificate(issuer: Issuer, request: CertificateRequest): string {
  const algorithm = sequence(objectId(ids.ecdsaWithSha256));
  const toBeSigned = sequence(
    context(0, integer(Buffer.of(2)), true),
    integer(request.serial),
    algorithm,
    nameOf(issuer.subject),
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    nameOf(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensions(issuer, request)), true),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  const der = sequence(toBeSigned, algorithm, bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function nameOf({ commonName, organizations = [] }: Subject): Buffer {
  const part = (id: string, text: string): Buffer => setOf(sequence(objectId(id), utf8String(text)));
  return sequence(
    ...organizations.map((organization) => part(ids.organization, organization)),
    part(ids.commonName, commonName),
  );
}

function extensions(issuer: Issuer, { publicKey, use, names = [] }: CertificateRequest): readonly Buffer[] {
  const extension = (id: string, value: Buffer, critical = false): Buffer =>
    sequence(objectId(id), ...(critical ? [boolean(true)] : []), octetString(value));
  const authority = use === 'authority';
  const usage = authority ? bitString(Buffer.of(0b0000_0110), 1) : bitString(Buffer.of(0b1000_0000), 7);
  const issuerKeyId = keyId(createPublicKey(issuer.privateKey));
  return [
    extension(ids.keyUsage, usage, true),
    extension(ids.basicConstraints, authority ? sequence(boolean(true)) : sequence(), true),
    extension(ids.subjectKeyId, octetString(keyId(publicKey))),
    extension(ids.authorityKeyId, sequence(context(0, issuerKeyId, false))),
    ...(authority
      ? []
      : [
          extension(
            ids.extendedKeyUsage,
            sequence(objectId(use === 'server' ? ids.serverAuth : ids.clientAuth)),
          ),
        ]),
    ...(names.length === 0 ? [] : [extension(ids.subjectAltName, sequence(...names.map(alternativeName)))]),
  ];
}

/** Any id will do that differs between keys. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}

function alternativeName(name: string): Buffer {
  const family = isIP(name);
  if (family === 0) return context(2, Buffer.from(name, 'latin1'), false);
  return context(7, family === 4 ? Buffer.from(name.split('.').map(Number)) : ipv6Bytes(name), false);
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): readonly number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = groups(tail ?? '');
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
