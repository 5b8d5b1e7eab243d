import test from 'ava';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { encodeFrame, encodeJsonFrame, frameDecoder } from './frame.ts';

test('property: frames come out as they went in, however the bytes are cut', (t) => {
  const frame = fc.record({
    channel: fc.integer({ min: 0, max: 255 }),
    payload: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 10 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(({ channel, payload }) => encodeFrame(channel, payload)));
        const decode = frameDecoder();
        const seen = [];
        for (let at = 0; at < bytes.length; ) {
          const cut = cuts.next().value;
          seen.push(
            ...decode(bytes.subarray(at, at + cut)).map((one) => ({
              ...one,
              payload: Buffer.from(one.payload),
            })),
          );
          at += cut;
        }
        t.deepEqual(
          seen,
          frames.map(({ channel, payload }) => ({ channel, payload: Buffer.from(payload) })),
        );
      },
    ),
  );
});

test('a frame that is too large is refused by its header, before it is collected', (t) => {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(limits.companionFrameBytesMax + 2);
  t.throws(() => frameDecoder()(header), { code: 'FRAME_TOO_LARGE' });
  t.throws(() => frameDecoder()(Buffer.alloc(5)), { code: 'FRAME_TOO_LARGE' });
  t.throws(() => encodeJsonFrame('x'.repeat(limits.companionFrameBytesMax)), { code: 'FRAME_TOO_LARGE' });
});
