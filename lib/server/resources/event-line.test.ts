import test from 'ava';
import type { WatchEvent } from '../../api/client.ts';
import { eventLine, joinedLines, type Line } from './event-line.ts';

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ä', resourceVersion: '7' } };
const added = { type: 'ADDED', object } as const satisfies WatchEvent;
const text = (line: Line): string => (typeof line === 'string' ? line : Buffer.from(line).toString('utf8'));

test('An event is one line of JSON, the same bytes for everybody.', (t) => {
  const line = eventLine(added, 'v1');
  t.deepEqual(JSON.parse(text(line)), { type: 'ADDED', object });
  t.true(text(line).endsWith('\n'));
  t.is(eventLine(added, 'v1'), line);
});

test('Who asks for another version gets that, whoever asked before.', (t) => {
  const event: WatchEvent = { type: 'MODIFIED', object: { ...object, apiVersion: 'policy/v1' } };
  const versions = ['policy/v1', 'policy/v1beta1', 'policy/v1'].map((apiVersion) =>
    JSON.parse(text(eventLine(event, apiVersion))),
  );
  t.deepEqual(
    versions.map((line) => line.object.apiVersion),
    ['policy/v1', 'policy/v1beta1', 'policy/v1'],
  );
});

test('Lines are joined in order, text and bytes, and never taken for others.', (t) => {
  const [a, b, c] = ['a\n', eventLine(added, 'v1'), 'ö\n'] as const;
  const cases: readonly (readonly Line[])[] = [[a, b], [a, c], [a, b], [b, a], [a, b, c], [c], [a, b]];
  for (const lines of cases) t.is(text(joinedLines(lines)), lines.map(text).join(''));
});
