import { createInflate } from 'node:zlib';
import { messageOf, UserError } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { HEADER_DICTIONARY } from './header-dictionary.ts';

export type HeaderInflater = {
  /** One block, unpacked; one at a time. Throws UserError SPDY_INVALID for what is no zlib or unpacks to more than is taken. */
  inflate(block: Buffer): Promise<Buffer>;
  close(): void;
};

/** Unpacks the header blocks of one connection, which are one zlib stream. */
export function headerInflater(): HeaderInflater {
  const inflater = createInflate({ dictionary: HEADER_DICTIONARY, chunkSize: 4 * 1024 });
  let chunks: Buffer[] = [];
  let bytes = 0;
  let settle: (failure: Error | null) => void = () => undefined;
  inflater.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    // A few bytes unpack to megabytes if they are let.
    if (bytes > limits.spdyHeaderBytesMax) inflater.destroy(new Error('too large'));
  });
  inflater.on('error', (failure) => settle(failure));
  inflater.on('close', () => settle(new Error('closed')));
  inflater.on('end', () => settle(new Error('ended')));
  return {
    async inflate(block) {
      chunks = [];
      bytes = 0;
      const { promise, resolve } = Promise.withResolvers<Error | null>();
      settle = resolve;
      if (inflater.destroyed) resolve(new Error('closed'));
      else inflater.write(block, (failure) => resolve(failure ?? null));
      const failure = await promise;
      // A write to what is destroyed meanwhile ends without a failure.
      if (failure !== null || inflater.destroyed) {
        throw new UserError(
          'SPDY_INVALID',
          `headers cannot be unpacked: ${messageOf(failure ?? 'too large')}`,
        );
      }
      return Buffer.concat(chunks);
    },
    close: () => inflater.destroy(),
  };
}
