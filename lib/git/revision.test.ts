import test from 'ava';
import { codeOf } from '../base/errors.ts';
import { parseRevision } from './revision.ts';

test('a word is a branch, then a tag, then the beginning of an object name', (t) => {
  t.deepEqual(parseRevision('main'), {
    refs: ['refs/heads/main', 'refs/tags/main'],
    oidPrefix: null,
    steps: [],
  });
  t.is(parseRevision('cafe').oidPrefix, 'cafe');
  t.is(parseRevision('CAFE').oidPrefix, 'cafe');
  t.is(parseRevision('caf').oidPrefix, null);
  t.deepEqual(parseRevision('refs/remotes/o/m').refs, ['refs/remotes/o/m']);
});

test('@ is HEAD', (t) => {
  t.deepEqual(parseRevision('@~').refs, ['HEAD']);
});

test('steps are read in order', (t) => {
  t.deepEqual(parseRevision('HEAD~3^^2~^0').steps, [
    { kind: 'ancestor', count: 3 },
    { kind: 'parent', number: 1 },
    { kind: 'parent', number: 2 },
    { kind: 'ancestor', count: 1 },
    { kind: 'parent', number: 0 },
  ]);
});

const refused = [
  '',
  '~1',
  'a..b',
  'a:b',
  ':/x',
  'a@{0}',
  'a^{tree}',
  'a^!',
  'a^-',
  'main~99999',
  '-q',
  'a b',
  'a~1b',
];
for (const text of refused) {
  test(`${JSON.stringify(text)} is no revision`, (t) => {
    t.is(codeOf(t.throws(() => parseRevision(text))), 'INVALID_REVISION');
  });
}
