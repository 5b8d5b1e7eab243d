import test from 'ava';
import { readCases } from '../testing/case-file.ts';
import { expandVariables } from './env-expansion.ts';

type Input = { readonly text: string; readonly env: Readonly<Record<string, string>> };

for (const [at, { name, input, expected }] of readCases<Input, { readonly text: string }>(
  'env-expansion',
).entries()) {
  test(`case ${at}: ${name}`, (t) => {
    t.is(expandVariables(input.text, new Map(Object.entries(input.env))), expected.text);
  });
}

test('a dollar sign at the end stays', (t) => t.is(expandVariables('cost: 5$', new Map()), 'cost: 5$'));

test('inherited names are not variables', (t) =>
  t.is(expandVariables('$(constructor)', new Map()), '$(constructor)'));

test('a megabyte of opened references is read once', (t) => {
  const text = '$('.repeat(500_000);
  t.is(expandVariables(text, new Map()), text);
});
