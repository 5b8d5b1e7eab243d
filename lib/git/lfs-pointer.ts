/** A pointer is a few lines. Source: the Git LFS specification, which has readers look no further. */
const POINTER_BYTES_MAX = 1024;

const VERSION = /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n/;

/** Whether a file's bytes are a Git LFS pointer, standing for content that is kept elsewhere. */
export function isLfsPointer(bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.length >= POINTER_BYTES_MAX) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return VERSION.test(text) && /^oid sha256:[0-9a-f]{64}$/m.test(text) && /^size \d{1,20}$/m.test(text);
}
