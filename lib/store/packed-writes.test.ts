import test from 'ava';
import fc from 'fast-check';
import { packBatches, packEntries, unpack } from './packed-writes.ts';

const value = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null });
const write = fc.record({ key: fc.string({ maxLength: 20, unit: 'binary' }), value });
const batches = fc.array(fc.record({ revision: fc.nat(), writes: fc.array(write, { maxLength: 8 }) }));

const asText = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('hex');

test('batches come out as they went in: order, revisions, empty values, deletions', (t) => {
  fc.assert(
    fc.property(batches, (given) => {
      const expected = given.flatMap(({ revision, writes }) =>
        writes.map(({ key, value: bytes }) => ({ key, revision, value: asText(bytes) })),
      );
      const found = [...unpack(packBatches(given))].map((each) => ({ ...each, value: asText(each.value) }));
      t.deepEqual(found, expected);
    }),
  );
});

test('what is packed is a copy: the buffer is handed over, and the values stay where they are', (t) => {
  const pool = Buffer.from('abcdef');
  const entries = [{ key: '/a', revision: 7, value: pool.subarray(1, 3) }];
  const packed = packEntries(entries);
  structuredClone(packed.bytes, { transfer: [packed.bytes.buffer] });
  t.is(pool.toString(), 'abcdef');
  t.is(packed.bytes.byteLength, 0);
});
