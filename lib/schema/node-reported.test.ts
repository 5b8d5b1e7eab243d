import test from 'ava';
import { hasReported } from './node-reported.ts';

test('a node has reported once it has said what it has', (t) => {
  t.false(hasReported({}));
  t.false(hasReported({ status: { conditions: [] } }));
  t.true(hasReported({ status: { capacity: { cpu: '1' } } }));
  t.true(hasReported({ status: { allocatable: { cpu: '1' } } }));
});
