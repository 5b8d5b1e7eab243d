import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import { type DerValue, derValues, dottedId } from './der-value.ts';

/** What a PKCS#10 request asks a certificate for. */
export type CertificateRequest = {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly publicKey: KeyObject;
};

const SEQUENCE = 0x30;
const ids = { commonName: '2.5.4.3', organization: '2.5.4.10' } as const;

/** The digest each algorithm signs; null: it has its own. Source: RFC 8017, RFC 5758, RFC 8410. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
};

/** A request in PEM, or in one word what is wrong with it. Its signature is checked: whoever asks has the key. Source: RFC 2986. */
export function readCertificateRequest(
  pem: string,
): { readonly request: CertificateRequest } | { readonly wrong: string } {
  if (pem.length > limits.certificateRequestCharsMax) return { wrong: 'it is too long' };
  const begin = '-----BEGIN CERTIFICATE REQUEST-----';
  const from = pem.indexOf(begin);
  const to = pem.indexOf('-----END CERTIFICATE REQUEST-----');
  if (from < 0 || to < from) return { wrong: 'PEM block type must be CERTIFICATE REQUEST' };
  const der = Buffer.from(pem.slice(from + begin.length, to), 'base64');
  const [info, algorithm, signature] = membersOf(derValues(der)?.[0]);
  const [, subject, key] = membersOf(info);
  const [algorithmId] = membersOf(algorithm);
  if (info === undefined || subject === undefined || key === undefined) return { wrong: 'it is no request' };
  if (algorithmId === undefined || signature === undefined) return { wrong: 'it is not signed' };
  const publicKey = keyOf(key);
  const digest = DIGESTS[dottedId(algorithmId.content)];
  if (publicKey === null || digest === undefined)
    return { wrong: 'its key or its signature is of an unknown kind' };
  if (!isSigned(info.whole, { digest, publicKey, signature: signature.content.subarray(1) })) {
    return { wrong: 'its signature does not fit its key' };
  }
  const names = namesIn(subject);
  const [commonName = ''] = names.filter(({ id }) => id === ids.commonName).map(({ text }) => text);
  const organizations = names.filter(({ id }) => id === ids.organization).map(({ text }) => text);
  return { request: { commonName, organizations, publicKey } };
}

function membersOf(value: DerValue | undefined): readonly DerValue[] {
  return value?.tag === SEQUENCE ? (derValues(value.content) ?? []) : [];
}

function namesIn(subject: DerValue): readonly { readonly id: string; readonly text: string }[] {
  return membersOf(subject).flatMap((set) =>
    (derValues(set.content) ?? []).flatMap((pair) => {
      const [id, text] = membersOf(pair);
      return id && text ? [{ id: dottedId(id.content), text: text.content.toString('utf8') }] : [];
    }),
  );
}

function keyOf({ whole }: DerValue): KeyObject | null {
  try {
    return createPublicKey({ key: whole, format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

function isSigned(
  info: Buffer,
  by: { readonly digest: string | null; readonly publicKey: KeyObject; readonly signature: Buffer },
): boolean {
  try {
    return verify(by.digest, info, by.publicKey, by.signature);
  } catch {
    return false;
  }
}
