import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../../base/limits.ts';
import { encodeFrame } from './encode-frame.ts';
import { frameDecoder } from './frame-decoder.ts';
import { controlNumbers, type SpdyFrame } from './spdy-frame.ts';

const word = fc.integer({ min: 0, max: 0x7fff_ffff });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const frame: fc.Arbitrary<SpdyFrame> = fc.oneof(
  fc.record({
    type: fc.constantFrom('syn-stream' as const, 'syn-reply' as const, 'headers' as const),
    streamId: word,
    fin: fc.boolean(),
    headerBlock: bytes(64),
  }),
  fc.record({ type: fc.constant('rst-stream' as const), streamId: word, status: word }),
  fc.record({
    type: fc.constant('settings' as const),
    initialWindowBytes: fc.option(word, { nil: null }),
  }),
  fc.record({ type: fc.constant('ping' as const), id: word }),
  fc.record({ type: fc.constant('goaway' as const), lastStreamId: word, status: word }),
  fc.record({ type: fc.constant('window-update' as const), streamId: word, deltaBytes: word }),
  fc.record({ type: fc.constant('data' as const), streamId: word, fin: fc.boolean(), payload: bytes(200) }),
);

/** As it is however its data was cut: what follows itself on a stream is one. */
function joined(frames: readonly SpdyFrame[]): readonly SpdyFrame[] {
  const out: SpdyFrame[] = [];
  for (const each of frames) {
    const last = out.at(-1);
    if (each.type === 'data' && last?.type === 'data' && last.streamId === each.streamId && !last.fin) {
      out[out.length - 1] = { ...each, payload: Buffer.concat([last.payload, each.payload]) };
    } else if (each.type !== 'data' || each.payload.length > 0 || each.fin) out.push(each);
  }
  return out;
}

test('what is encoded is decoded to the same, however the bytes are split', (t) => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(400)), (frames, cuts) => {
      const decode = frameDecoder();
      let rest = Buffer.concat(frames.map(encodeFrame));
      const got: SpdyFrame[] = [];
      for (const cut of cuts) {
        got.push(...decode(rest.subarray(0, cut)));
        rest = rest.subarray(cut);
      }
      got.push(...decode(rest));
      t.deepEqual(joined(got), joined(frames));
    }),
  );
});

test('any bytes are decoded or refused, and nothing is held beyond the bound', (t) => {
  fc.assert(
    fc.property(fc.array(bytes(64), { maxLength: 20 }), (chunks) => {
      const decode = frameDecoder();
      try {
        for (const chunk of chunks) decode(chunk);
      } catch (failure) {
        t.like(failure, { code: 'SPDY_INVALID' });
      }
    }),
  );
});

const refused = [
  { title: 'version 2', bytes: '8002000100000000' },
  { title: 'a control frame that is too large is refused by its head', bytes: '80030001007fffff' },
  { title: 'a SYN_STREAM without a priority', bytes: '80030001000000080000000100000000' },
  { title: 'settings with fewer entries than they say', bytes: '800300040000000400000001' },
  { title: 'a PING without a number', bytes: '8003000600000000' },
];
for (const { title, bytes: hex } of refused) {
  test(`refused: ${title}`, (t) => {
    t.throws(() => frameDecoder()(Buffer.from(hex, 'hex')), { code: 'SPDY_INVALID' });
  });
}

const known = [
  { title: 'PING', hex: '800300060000000400000005', frame: { type: 'ping', id: 5 } },
  {
    title: 'RST_STREAM with CANCEL',
    hex: '80030003000000080000000300000005',
    frame: { type: 'rst-stream', streamId: 3, status: 5 },
  },
  {
    title: 'data with FIN',
    hex: '00000001010000026869',
    frame: { type: 'data', streamId: 1, fin: true, payload: Buffer.from('hi') },
  },
] as const;
for (const { title, hex, frame: expected } of known) {
  test(`as the draft has it: ${title}`, (t) => {
    t.deepEqual(frameDecoder()(Buffer.from(hex, 'hex')), [expected]);
    t.is(encodeFrame(expected).toString('hex'), hex);
  });
}

test('a frame of an unknown type is passed over', (t) => {
  t.false(Object.values(controlNumbers).includes(10));
  const unknown = Buffer.from('8003000a0000000401020304', 'hex');
  t.deepEqual(frameDecoder()(Buffer.concat([unknown, encodeFrame({ type: 'ping', id: 1 })])), [
    { type: 'ping', id: 1 },
  ]);
});

test('data is given on before its frame is whole: a frame of 16 MiB holds nothing', (t) => {
  const decode = frameDecoder();
  const head = Buffer.from('0000000101ffffff', 'hex');
  const [first] = decode(Buffer.concat([head, Buffer.alloc(1000)]));
  t.like(first, { type: 'data', fin: false });
  const [second] = decode(Buffer.alloc(0xffffff - 1000));
  t.like(second, { type: 'data', fin: true });
  t.true(limits.spdyControlBytesMax < 0xffffff);
});
