import test from 'ava';
import fc from 'fast-check';
import type { JsonValue } from '../../base/json.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';

const shirt = {
  spec: { color: 'red', sizes: [1, 2, 3], 'a.b': 'dotted' },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Sold', status: 'False' },
    ],
  },
};
const paths: Record<string, readonly JsonValue[]> = {
  '.spec.color': ['red'],
  ".spec['color']": ['red'],
  '.spec.a\\.b': ['dotted'],
  '.spec.sizes[0]': [1],
  '.spec.sizes[-1]': [3],
  '.spec.sizes[*]': [1, 2, 3],
  '.status.conditions[?(@.type=="Ready")].status': ['True'],
  ".status.conditions[?(@.type == 'Sold')].status": ['False'],
  '.status.conditions[*].type': ['Ready', 'Sold'],
  '.spec.none': [],
  '.constructor': [],
};
for (const [path, values] of Object.entries(paths))
  test(`${path} leads to ${values.length} values`, (t) => {
    const parsed = parseJsonPath(path);
    t.deepEqual(parsed && valuesAt(parsed, shirt), values);
  });

for (const path of ['spec.color', '.spec[', '.spec..color', '.a[?(@.b>1)]', `.${'a'.repeat(2_000)}`])
  test(`${path.slice(0, 30)} is another language`, (t) => {
    t.is(parseJsonPath(path), null);
  });

test('property: any text and any value are borne', (t) => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (path, value) => {
      const parsed = parseJsonPath(path);
      if (parsed !== null) valuesAt(parsed, value as JsonValue);
    }),
  );
  t.pass();
});
