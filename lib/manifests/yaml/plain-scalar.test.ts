import test from 'ava';
import { keyText, resolvePlainScalar } from './plain-scalar.ts';

/** Text → value, as sigs.k8s.io/yaml reads it. */
const values: readonly (readonly [text: string, value: string | number | boolean | null])[] = [
  ...['y', 'Y', 'yes', 'YES', 'on', 'On', 'true', 'TRUE'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'NO', 'off', 'Off', 'false', 'False'].map((text) => [text, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ['yEs', 'yEs'],
  ['0755', 493],
  ['0o755', 493],
  ['0O17', 15],
  ['08', 8],
  ['0b101', 5],
  ['-0b101', -5],
  ['0x1F', 31],
  ['-0x1f', -31],
  ['1_000', 1000],
  ['_1', '_1'],
  ['+5', 5],
  ['-0', 0],
  ['1e3', 1000],
  ['1.5e-2', 0.015],
  ['1.', 1],
  ['.5', 0.5],
  ['.5_0', '.5_0'],
  ['+.5', 0.5],
  ['1e400', '1e400'],
  ['0x', '0x'],
  ['-', '-'],
  ['.', '.'],
  ['12:30:45', '12:30:45'],
  ['2024-01-02', '2024-01-02'],
  ['1.2.3', '1.2.3'],
  ['100m', '100m'],
  ['9007199254740991', 9007199254740991],
  ['nginx:1.25', 'nginx:1.25'],
  ['none', 'none'],
];

for (const [text, value] of values) {
  test(`Plain ${JSON.stringify(text)} is ${JSON.stringify(value)}.`, (t) => {
    t.deepEqual(resolvePlainScalar(text), { kind: 'value', value });
  });
}

test('An integer that a JSON number cannot hold is a problem.', (t) => {
  for (const text of [
    '12345678901234567890',
    '-9007199254740993',
    '0xFFFFFFFFFFFFFFFF',
    '099999999999999999999',
  ]) {
    const result = resolvePlainScalar(text);
    t.is(result.kind === 'problem' ? result.ruleId : '', 'integer-too-large', text);
  }
});

test('Infinity and not-a-number are problems.', (t) => {
  for (const text of ['.inf', '-.INF', '+.Inf', '.nan', '.NaN']) {
    const result = resolvePlainScalar(text);
    t.is(result.kind === 'problem' ? result.ruleId : '', 'not-a-number', text);
  }
});

test('<< is the merge key.', (t) => t.is(resolvePlainScalar('<<').kind, 'merge'));

test('Keys that are no text become what Kubernetes makes of them.', (t) => {
  t.is(keyText(true), 'true');
  t.is(keyText(8080), '8080');
  t.is(keyText(3.1), '3.1');
  t.is(keyText(1.23456789), '1.2345679');
  t.is(keyText(1e-9), undefined);
  t.is(keyText(null), undefined);
});
