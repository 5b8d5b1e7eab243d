import test from 'ava';
import { readCases } from '../testing/case-file.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';

type Input = { readonly value: number | string; readonly total?: number | null; readonly roundUp?: boolean };
type Expected = { readonly error?: boolean; readonly value?: number };

for (const [at, { name, input, expected }] of readCases<Input, Expected>('int-or-percent').entries()) {
  test(`case ${at}: ${name}`, (t) => {
    const round = input.roundUp === true ? 'up' : 'down';
    t.is(resolveIntOrPercent(input.value, { total: input.total ?? 0, round }), expected.value ?? null);
  });
}

test('a quarter of ten is three up and two down', (t) => {
  t.is(resolveIntOrPercent('25%', { total: 10, round: 'up' }), 3);
  t.is(resolveIntOrPercent('25%', { total: 10, round: 'down' }), 2);
});

test('what is neither is null', (t) => {
  for (const value of ['', '%', '-5%', '1.5%', '5', '99999999999%', 1.5])
    t.is(resolveIntOrPercent(value, { total: 10, round: 'up' }), null);
});
