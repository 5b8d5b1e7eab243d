import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { codeOf, messageOf, UserError, WorldError } from '../../base/errors.ts';

/** A certificate and its private key. */
export type Credential = {
  readonly certificatePem: string;
  readonly keyPem: string;
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
};

/** A certificate and its key in one file, so that they can never be of different pairs. null: there is none. */
export function readCredential(path: string): Credential | null {
  const text = readPem(path);
  if (text === null) return null;
  const certificatePem = block(text, 'CERTIFICATE');
  const keyPem = block(text, 'PRIVATE KEY');
  try {
    const certificate = new X509Certificate(certificatePem);
    const privateKey = createPrivateKey(keyPem);
    if (certificate.checkPrivateKey(privateKey)) return { certificatePem, keyPem, certificate, privateKey };
  } catch {
    // Said below, whatever is wrong with it.
  }
  throw new UserError(
    'CREDENTIAL_UNREADABLE',
    `${path} holds no certificate with its key; delete it to have a new one`,
    {
      path,
    },
  );
}

export function writeCredential(path: string, certificatePem: string, privateKey: KeyObject): Credential {
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writePem(path, `${certificatePem}${keyPem}`);
  return { certificatePem, keyPem, certificate: new X509Certificate(certificatePem), privateKey };
}

/** null: there is no such file. */
export function readPem(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (failure) {
    if (codeOf(failure) === 'ENOENT') return null;
    throw new WorldError('CREDENTIAL_UNREADABLE', messageOf(failure), { path }, failure);
  }
}

/** Only for the owner's eyes. CRASH: the old file stands until the new one is whole. */
export function writePem(path: string, text: string): void {
  const draft = `${path}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

function block(text: string, label: string): string {
  const begin = text.indexOf(`-----BEGIN ${label}-----`);
  const endMark = `-----END ${label}-----`;
  const end = text.indexOf(endMark, begin);
  return begin < 0 || end < 0 ? '' : `${text.slice(begin, end + endMark.length)}\n`;
}
