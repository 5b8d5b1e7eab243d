import test from 'ava';
import { codeOf } from '../lib/base/errors.ts';
import { nodeCountOf } from './node-count.ts';

test('a machine has one node or several', (t) => {
  t.deepEqual(['1', '3', '64'].map(nodeCountOf), [1, 3, 64]);
});

for (const option of ['0', '-1', '65', '1.5', 'many', '', '1e1', '00000000001']) {
  test(`--nodes ${JSON.stringify(option)} is refused`, (t) => {
    t.is(codeOf(t.throws(() => nodeCountOf(option))), 'USAGE');
  });
}
