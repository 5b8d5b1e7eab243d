import test from 'ava';
import { limits } from '../../base/limits.ts';
import { readYaml } from './read-body.ts';

test('of keys of YAML that stand twice the first are told, with their lines', (t) => {
  const said: string[] = [];
  const body = Buffer.from(`metadata:\n  name: a\ndata:\n  b: "1"\n  b: "2"\n  c: "1"\n  c: "2"\n`);
  t.deepEqual(
    readYaml(body, (text) => said.push(text)),
    { metadata: { name: 'a' }, data: { b: '2', c: '2' } },
  );
  t.deepEqual(said, [
    'yaml: unmarshal errors:\n  line 5: key "b" already set in map',
    'yaml: unmarshal errors:\n  line 7: key "c" already set in map',
  ]);
  const many = Buffer.from(`data:\n${'  a: x\n'.repeat(3_000)}`);
  said.length = 0;
  readYaml(many, (text) => said.push(text));
  t.is(said.length, limits.serverWarningsMax);
});

test('long YAML is read when it is plain', (t) => {
  const line = '  a: x\n';
  const count = Math.ceil(limits.serverExactYamlCharsMax / line.length);
  const plain = Array.from({ length: count }, (_, at) => `  a${at}: x\n`).join('');
  t.is(Object.keys(readYaml(Buffer.from(`data:\n${plain}`)) ?? {}).length, 1);
  t.throws(() => readYaml(Buffer.from(`data:\n${line.repeat(count)}`)), {
    message: /only plain YAML is read/,
  });
});
