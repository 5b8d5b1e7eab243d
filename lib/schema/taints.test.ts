import test, { type ExecutionContext } from 'ava';
import { readCases } from '../testing/case-file.ts';
import { parseInt64 } from './int64.ts';
import { findUntolerated, sameTaint, tolerates } from './taints.ts';
import type { Taint, Toleration } from './types.gen.ts';

type Input = {
  readonly toleration?: Toleration;
  readonly taint?: Taint;
  readonly taintToMatch?: Taint;
  readonly tolerations?: readonly Toleration[];
  readonly taints?: readonly Taint[];
  readonly filter?: string;
  readonly operator?: string;
  readonly tolerationValue?: string;
  readonly taintValue?: string;
};
type Expected = { readonly tolerated?: boolean; readonly match?: boolean };

const none: Taint = { key: '', effect: '' };

const checks: Readonly<Record<string, (t: ExecutionContext, input: Input, expected: Expected) => void>> = {
  one: (t, { toleration = {}, taint = none }, { tolerated = true }) =>
    t.is(tolerates(toleration, taint), tolerated),
  'numeric-gated'(t, { operator, tolerationValue, taintValue }, { tolerated = true }) {
    const toleration = { key: 'n', operator, value: tolerationValue, effect: 'NoSchedule' };
    t.is(tolerates(toleration, { key: 'n', value: taintValue, effect: 'NoSchedule' }), tolerated);
  },
  list(t, { tolerations = [], taints = [], filter }, { tolerated = true }) {
    const counted = taints.filter((taint) => filter === 'all' || taint.effect === 'NoExecute');
    t.is(findUntolerated(tolerations, counted) === undefined, tolerated);
  },
  match: (t, { taint = none, taintToMatch = none }, { match = true }) =>
    t.is(sameTaint(taint, taintToMatch), match),
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, Expected>(
  'taints-tolerations',
).entries()) {
  test(`case ${at}: ${name}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    check(t, input, expected);
  });
}

test('a toleration without key and effect that needs nothing bears everything', (t) => {
  t.true(tolerates({ operator: 'Exists' }, { key: 'any', effect: 'NoExecute' }));
  t.false(tolerates({ operator: 'Like' }, { key: 'any', effect: 'NoExecute' }));
});

test('the first taint nobody bears is named', (t) => {
  const taints = [
    { key: 'a', effect: 'NoSchedule' },
    { key: 'b', effect: 'NoSchedule' },
  ];
  t.is(findUntolerated([{ key: 'a', operator: 'Exists' }], taints)?.key, 'b');
  t.is(findUntolerated(undefined, undefined), undefined);
});

test('numbers are 64 bits wide', (t) => {
  t.is(parseInt64('9223372036854775807'), 2n ** 63n - 1n);
  t.is(parseInt64('-9223372036854775808'), -(2n ** 63n));
  for (const text of ['9223372036854775808', '+1', '01', '', '-', '1.0', '-0']) t.is(parseInt64(text), null);
});
