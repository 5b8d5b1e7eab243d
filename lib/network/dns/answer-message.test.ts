import test from 'ava';
import { decode } from 'dns-packet';
import fc from 'fast-check';
import { answerMessage } from './answer-message.ts';
import { nameIndex } from './answer-query.ts';
import { NO_NAMES } from './name-table.ts';

const index = nameIndex(NO_NAMES, {
  ...{ domain: 'cluster.local', dnsAddress: '10.96.0.10', serial: 1, ranges: [] },
});
const given = { index, turn: 0, transport: 'udp', ask: async () => null } as const;

const header = (questions: number): Buffer => Buffer.from([0, 9, 1, 0, 0, questions, 0, 0, 0, 0, 0, 0]);
const label = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes]);
const cluster = Buffer.concat([label(Buffer.from('cluster')), label(Buffer.from('local')), Buffer.alloc(1)]);

test('property: whatever comes, there is an answer within its size, or none', async (t) => {
  const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 3 });
  const questions = fc
    .tuple(labels, fc.nat(65_535), fc.nat(300))
    .map(([some, type, cls]) =>
      Buffer.concat([
        ...[header(1), ...some.map(label), cluster],
        Buffer.from([type >> 8, type & 255, cls > 255 ? 0 : 0, cls > 200 ? cls & 255 : 1]),
      ]),
    );
  const noise = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.concat([header(1), bytes]));
  await fc.assert(
    fc.asyncProperty(fc.oneof(questions, noise), async (bytes) => {
      const answer = await answerMessage(bytes, given);
      if (answer === null) return;
      t.true(answer.length <= 512);
      t.is(decode(answer).id, 9);
    }),
    { numRuns: 500 },
  );
});
