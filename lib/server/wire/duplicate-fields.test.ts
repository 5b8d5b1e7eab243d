import test from 'ava';
import fc from 'fast-check';
import { duplicateFields } from './duplicate-fields.ts';

const rows = [
  { text: '{"a":1,"b":{"a":1}}', fields: [] },
  { text: '{"a":1,"a":2,"a":3}', fields: ['a'] },
  { text: '{"spec":{"x":[{"n":1},{"n":1,"n":2}]}}', fields: ['spec.x[1].n'] },
  { text: '{"a":"b","b":"a","c":["a","a"]}', fields: [] },
  { text: '{"a\\"":1,"a\\u0022":2}', fields: ['a"'] },
  { text: '{"a\\\\":1,"a\\\\":2,"\\\\\\"":"\\\\"}', fields: ['a\\'] },
  { text: '{"a":"{\\"b\\":1,\\"b\\":2}"}', fields: [] },
  { text: '[{"a":1},{"a":1}]', fields: [] },
  { text: '{"__proto__":1,"__proto__":2}', fields: ['__proto__'] },
  { text: '"a"', fields: [] },
];
for (const { text, fields } of rows)
  test(`${text} has ${fields.length === 0 ? 'every field once' : `${fields.join()} twice`}`, (t) => {
    t.deepEqual(duplicateFields(text), fields);
  });

test('what is written from a value has every field once', (t) => {
  fc.assert(fc.property(fc.json(), (text) => t.deepEqual(duplicateFields(text), [])));
});
