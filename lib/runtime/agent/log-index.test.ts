import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { appendIndexEntry, offsetSince, readIndex, timeAt } from './log-index.ts';

const entries = [
  { endBytes: 10, atMs: 100 },
  { endBytes: 30, atMs: 200 },
];

test('a byte has the time of the first look that saw it, and none when nobody has', (t) => {
  t.deepEqual(
    [0, 9, 10, 29, 30].map((offset) => timeAt(entries, offset)),
    [100, 100, 200, 200, null],
  );
  t.is(timeAt([], 0), null);
});

test('nothing that is wanted lies before the offset of a time', (t) => {
  t.deepEqual(
    [0, 100, 101, 200, 201].map((at) => offsetSince(entries, at)),
    [0, 0, 10, 10, 30],
  );
});

test('entries come back from the disk, without one that was not written whole', async (t) => {
  const path = join(await temporaryDirectory(t), 'x.idx');
  t.deepEqual(readIndex(path), []);
  for (const entry of entries) appendIndexEntry(path, entry);
  appendFileSync(path, Buffer.alloc(7, 1));
  t.deepEqual(readIndex(path), entries);
});

test('property: both look-ups agree with walking through all entries', (t) => {
  const steps = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 9 }), ms: fc.integer({ min: 0, max: 9 }) }),
  );
  fc.assert(
    fc.property(steps, fc.nat({ max: 120 }), (grown, probe) => {
      let endBytes = 0;
      let atMs = 0;
      const index = grown.map((step) => {
        endBytes += step.bytes;
        atMs += step.ms;
        return { endBytes, atMs };
      });
      t.is(timeAt(index, probe), index.find((entry) => entry.endBytes > probe)?.atMs ?? null);
      t.is(offsetSince(index, probe), index.findLast((entry) => entry.atMs < probe)?.endBytes ?? 0);
    }),
  );
});
