import test from 'ava';
import { isSettledIn, type StatusJson } from './status-json.ts';

type Object = readonly [path: string, sync: string, health: string];

function status(objects: readonly Object[], broken: readonly string[] = []): StatusJson {
  return {
    source: { repository: '', branch: 'main', path: '' },
    ...{
      head: null,
      revision: null,
      sync: 'OutOfSync',
      health: 'Degraded',
      total: objects.length,
      counts: {},
    },
    objects: objects.map(([path, sync, health]) => ({
      ...{ group: '', kind: 'Pod', namespace: '', name: path, commit: null },
      ...{ path, sync, health },
    })),
    ...{ pruneHolds: [], holds: [], troubles: [], events: [] },
    problems: broken.map((file) => ({
      ...{ severity: 'error', ruleId: 'yaml-syntax', line: 1, column: 1, message: '', file },
    })),
  };
}

for (const { title, of, settled } of [
  { title: 'all is well in the file', of: status([['a', 'Synced', 'Healthy']]), settled: true },
  { title: 'what rests on purpose is well', of: status([['a', 'Synced', 'Suspended']]), settled: true },
  { title: 'what is not well yet', of: status([['a', 'Synced', 'Progressing']]), settled: false },
  { title: 'what is not as git says', of: status([['a', 'Held', 'Healthy']]), settled: false },
  {
    title: 'another file does not count',
    of: status([
      ['a', 'Synced', 'Healthy'],
      ['b', 'Held', 'Degraded'],
    ]),
    settled: true,
  },
  { title: 'a file that cannot be read is not live', of: status([], ['a']), settled: false },
  { title: 'another one that cannot is another one', of: status([], ['b']), settled: true },
  { title: 'a file that holds nothing any more', of: status([]), settled: true },
]) {
  test(title, (t) => t.is(isSettledIn(of, new Set(['a'])), settled));
}
