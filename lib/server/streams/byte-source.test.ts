import { Readable } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../base/limits.ts';
import { ByteQueue } from './byte-queue.ts';
import { ByteSource } from './byte-source.ts';

test('what goes in comes out, in order; small pieces are joined', (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9000 }), { maxLength: 30 }), (pieces) => {
      const queue = new ByteQueue();
      for (const piece of pieces) queue.add(Buffer.from(piece));
      const all = Buffer.concat(pieces);
      t.is(queue.bytes, all.length);
      const out: Buffer[] = [];
      for (let piece = queue.take(); piece !== null; piece = queue.take()) out.push(piece);
      t.true(Buffer.concat(out).equals(all));
      t.is(queue.bytes, 0);
      // Two that follow each other could not have been one.
      for (const [at, piece] of out.entries()) {
        t.true(at === 0 || piece.length + (out[at - 1]?.length ?? 0) > limits.streamPieceBytesMin);
      }
    }),
  );
});

test('a stream over it gives its reader all bytes and the end, and says when there is room', async (t) => {
  const stream: Readable = new Readable({ highWaterMark: 1, read: () => source.read() });
  const source: ByteSource = new ByteSource((piece) => stream.push(piece));
  let sent = 0;
  while (!source.isFull()) {
    source.add(Buffer.alloc(1000, sent));
    sent += 1000;
  }
  let roomy = false;
  const room = source.room().then(() => {
    roomy = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(roomy);
  source.end();
  let got = 0;
  for await (const chunk of stream) got += (chunk as Buffer).length;
  t.is(got, sent);
  await room;
});

test('closed, it keeps nobody waiting', async (t) => {
  const source = new ByteSource(() => undefined);
  source.add(Buffer.alloc(limits.streamBufferBytesMax));
  const room = source.room();
  source.close();
  await room;
  t.false(source.isFull());
});
