import test from 'ava';
import fc from 'fast-check';
import { type HealthStatus, healthRequest, healthStatus } from './grpc-health.ts';

const framed = (...bytes: readonly number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);

test('a question for the server as a whole is an empty message, one for a service has its name', (t) => {
  t.deepEqual([...healthRequest('')], [0, 0, 0, 0, 0]);
  t.deepEqual([...healthRequest('ab')], [0, 0, 0, 0, 4, 0x0a, 2, 0x61, 0x62]);
  const long = healthRequest('x'.repeat(300));
  t.deepEqual([...long.subarray(0, 8)], [0, 0, 0, 1, 0x2f, 0x0a, 0xac, 0x02]);
});

const rows: readonly { readonly title: string; readonly body: Buffer; readonly status: HealthStatus }[] = [
  { title: 'serving', body: framed(0x08, 1), status: 'SERVING' },
  { title: 'not serving', body: framed(0x08, 2), status: 'NOT_SERVING' },
  { title: 'nothing said', body: framed(), status: 'UNKNOWN' },
  { title: 'a number nobody knows', body: framed(0x08, 77), status: 'UNKNOWN' },
  { title: 'the last of two', body: framed(0x08, 2, 0x08, 1), status: 'SERVING' },
  {
    title: 'after fields of every kind',
    body: framed(0x10, 5, 0x1a, 2, 9, 9, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2d, 1, 2, 3, 4, 0x08, 1),
    status: 'SERVING',
  },
  { title: 'cut off in a field', body: framed(0x1a, 200), status: 'UNREADABLE' },
  { title: 'shorter than it says', body: Buffer.from([0, 0, 0, 0, 9, 0x08, 1]), status: 'UNREADABLE' },
  { title: 'compressed', body: Buffer.from([1, 0, 0, 0, 2, 0x08, 1]), status: 'UNREADABLE' },
  { title: 'nothing at all', body: Buffer.alloc(0), status: 'UNREADABLE' },
];
for (const { title, body, status } of rows) {
  test(`an answer that is ${title}: ${status}`, (t) => {
    t.is(healthStatus(body), status);
  });
}

test('whatever comes is read to an end', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      t.is(typeof healthStatus(framed(...bytes)), 'string');
      t.is(typeof healthStatus(Buffer.from(bytes)), 'string');
    }),
  );
});
