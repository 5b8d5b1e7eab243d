import { type FileHandle, open } from 'node:fs/promises';
import { pause } from '../../../base/clock.ts';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { limits, timings } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { checkHash, hashFor } from '../manifest/digest.ts';
import type { Descriptor } from '../manifest/image-manifest.ts';
import type { HttpAnswer, HttpEdge } from './http-exchange.ts';
import type { RegistrySession } from './registry-session.ts';

/** A connection that brought less than this counts as a failed try. */
const PROGRESS_BYTES = 1024 * 1024;

/**
 * Fetches a blob into a new file and checks it. Cut connections go on where they were; a registry that cannot do that sends it anew.
 * ImageError as the session's; IMAGE_LIES for other bytes than the digest promises, IMAGE_DISK.
 */
export async function fetchBlob(
  edge: HttpEdge,
  session: RegistrySession,
  { descriptor, path }: { readonly descriptor: Descriptor; readonly path: string },
): Promise<void> {
  const { digest, sizeBytes } = descriptor;
  const file = await open(path, 'wx', 0o600);
  try {
    let hash = hashFor(digest);
    let received = 0;
    let attempts = 0;
    let delayMs: number = timings.registryRetryMinMs;
    while (received < sizeBytes || attempts === 0) {
      const before = received;
      const failure = await attempt(session, { digest, from: received }, async (answer) => {
        if (answer.status !== 206 || !continues(answer, received)) {
          hash = hashFor(digest);
          received = 0;
        }
        // It cannot go on there, whatever it has: from the beginning, the next time.
        if (answer.status === 416) return;
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
          if (received + chunk.length > sizeBytes)
            throw new ImageError('IMAGE_LIES', `${digest} has more than its ${sizeBytes} bytes`);
          hash.update(chunk);
          await writeAt(file, chunk, received);
          received += chunk.length;
        }
      });
      if (received - before >= PROGRESS_BYTES) attempts = 0;
      attempts += 1;
      if (received === sizeBytes) break;
      if (attempts >= limits.registryAttemptsMax)
        throw (
          failure ??
          new ImageError('IMAGE_UNREACHABLE', `${digest} is cut: ${received} of ${sizeBytes} bytes came`)
        );
      await pause(edge.clock, delayMs);
      delayMs = Math.min(delayMs * 2, timings.registryRetryMaxMs);
    }
    checkHash(hash, digest, 'a blob of the image');
  } finally {
    await file.close();
  }
}

/** What made the try fail and may not the next time; undefined: it went to its end, whatever it brought. Throws the rest. */
async function attempt(
  session: RegistrySession,
  { digest, from }: { readonly digest: string; readonly from: number },
  take: (answer: HttpAnswer) => Promise<void>,
): Promise<ImageError | undefined> {
  let answer: HttpAnswer | undefined;
  try {
    answer = await session.get(`blobs/${digest}`, from === 0 ? {} : { range: `bytes=${from}-` });
    await take(answer);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ImageError && thrown.imageCode !== 'IMAGE_UNREACHABLE') throw thrown;
    if (thrown instanceof ImageError) return thrown;
    return new ImageError('IMAGE_UNREACHABLE', `${digest}: ${messageOf(thrown)}`, thrown);
  } finally {
    answer?.body.destroy();
  }
}

function continues({ headers }: HttpAnswer, from: number): boolean {
  return headers['content-range']?.startsWith(`bytes ${from}-`) === true;
}

async function writeAt(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  try {
    for (let at = 0; at < chunk.length; )
      at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  } catch (thrown) {
    const why = codeOf(thrown) === 'ENOSPC' ? 'no space is left on the disk of images' : messageOf(thrown);
    throw new ImageError('IMAGE_DISK', why, thrown);
  }
}
