import test from 'ava';
import {
  type Condition,
  conditionOf,
  isConditionTrue,
  removeCondition,
  setCondition,
  transitionedAt,
} from './conditions.ts';

const EARLIER = Date.parse('2026-01-01T00:00:00Z');
const NOW = Date.parse('2026-01-01T01:00:00Z');
const ready: Condition = { type: 'Ready', status: 'True', reason: 'Started' };

test('a new condition is stamped with now', (t) => {
  const list = setCondition(undefined, ready, NOW);
  t.deepEqual(list, [{ ...ready, lastTransitionTime: '2026-01-01T01:00:00Z' }]);
  t.is(transitionedAt(list[0]), NOW);
});

test('while the status stays, the time of transition stays, though the reason changes', (t) => {
  const list = setCondition(setCondition([], ready, EARLIER), { ...ready, reason: 'Still' }, NOW);
  t.deepEqual(list, [{ ...ready, reason: 'Still', lastTransitionTime: '2026-01-01T00:00:00Z' }]);
});

test('another status is a transition, in the same place of the list', (t) => {
  const before = setCondition(
    setCondition([], ready, EARLIER),
    { type: 'Available', status: 'True' },
    EARLIER,
  );
  const after = setCondition(before, { ...ready, status: 'False' }, NOW);
  t.deepEqual(
    after.map((one) => `${one.type}=${one.status}`),
    ['Ready=False', 'Available=True'],
  );
  t.is(conditionOf(after, 'Ready')?.lastTransitionTime, '2026-01-01T01:00:00Z');
});

test('setting what is there already gives the same list', (t) => {
  const list = setCondition([], ready, EARLIER);
  t.is(setCondition(list, ready, NOW), list);
  t.is(removeCondition(list, 'Other'), list);
});

test('a condition is true only when it is there and says so', (t) => {
  t.true(isConditionTrue([ready], 'Ready'));
  t.false(isConditionTrue([{ ...ready, status: 'Unknown' }], 'Ready'));
  t.false(isConditionTrue(undefined, 'Ready'));
  t.deepEqual(removeCondition([ready], 'Ready'), []);
});
