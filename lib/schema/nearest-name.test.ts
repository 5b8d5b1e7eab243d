import test from 'ava';
import fc from 'fast-check';
import { editDistance, nearestName } from './nearest-name.ts';

const fields = ['replicas', 'selector', 'template', 'strategy', 'paused', 'image', 'imagePullPolicy'];
const cases: Record<string, { name: string; expected: string | undefined }> = {
  'a letter too few': { name: 'replica', expected: 'replicas' },
  'two letters swapped': { name: 'tempalte', expected: 'template' },
  'another case': { name: 'ImagePullpolicy', expected: 'imagePullPolicy' },
  'written with dashes': { name: 'image-pull-policy', expected: 'imagePullPolicy' },
  'nothing like it': { name: 'nodeName', expected: undefined },
  'an empty name': { name: '', expected: undefined },
};
for (const [title, { name, expected }] of Object.entries(cases))
  test(`meant when there is ${title}`, (t) => {
    t.is(nearestName(name, fields), expected);
  });

test('property: distance is zero only for equal texts, and symmetric', (t) => {
  const text = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const there = editDistance({ from: a, to: b });
      return (there === 0) === (a === b) && there === editDistance({ from: b, to: a });
    }),
  );
  t.pass();
});

test('a very long name costs nothing', (t) => {
  t.is(nearestName('x'.repeat(1_000_000), fields), undefined);
});
