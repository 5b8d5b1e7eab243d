import test from 'ava';
import fc from 'fast-check';
import { splitTreePath } from '../git/tree-path.ts';
import { pathPart } from './path-part.ts';

for (const { name, part } of [
  { name: 'web-1.example', part: 'web-1.example' },
  { name: 'system:node', part: 'system%3Anode' },
  { name: '..', part: '%2E%2E' },
  { name: '.git', part: '%2Egit' },
  { name: 'git~1', part: 'git%7E1' },
  { name: '../../x', part: '%2E.%2F..%2Fx' },
]) {
  test(`${name} is ${part} in a path`, (t) => t.is(pathPart(name), part));
}

test('any two names have two parts, and both are ones a tree takes', (t) => {
  const name = fc.string({ unit: 'binary', maxLength: 600 });
  const odd = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
    .map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(fc.oneof(name, odd), fc.oneof(name, odd), (one, other) => {
      for (const each of [one, other])
        t.notThrows(() => splitTreePath(`objects/${pathPart(each)}/${pathPart(each)}.yaml`));
      t.is(pathPart(one) === pathPart(other), one === other);
    }),
  );
  t.not(pathPart('\ud800'), pathPart('\ud801'));
});
