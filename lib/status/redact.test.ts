import test from 'ava';
import fc from 'fast-check';
import type { KubeObject } from '../schema/object.ts';
import { tries } from '../testing/thoroughness.ts';
import { redact } from './redact.ts';

const secret = (of: Partial<KubeObject>, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'api', annotations },
  ...of,
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('keys of a Secret stay, each with the length of its value', (t) => {
  const shown = redact(secret({ data: { token: base64('hunter2') }, stringData: { user: 'lovelace' } }));
  t.deepEqual(shown.data, { token: '<12 characters hidden>' });
  t.deepEqual(shown.stringData, { user: '<8 characters hidden>' });
});

test('no form of a value is left anywhere in a Secret, whoever copied it there', (t) => {
  const value = fc.string({
    minLength: 4,
    maxLength: 40,
    unit: fc.constantFrom('a', 'b', '"', '\n', '\\', '7', 'é', ' '),
  });
  fc.assert(
    fc.property(value, fc.nat(3), (text, how) => {
      fc.pre(text.trim().length >= 4);
      const copies = [
        text,
        base64(text),
        JSON.stringify({ stringData: { a: text } }),
        `before ${text.trim()} after`,
      ];
      const copy = copies[how] ?? text;
      const shown = redact(
        secret(
          { data: { token: base64(text) } },
          {
            'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: base64(text) }),
            other: copy,
          },
        ),
      );
      const { annotations = {} } = shown.metadata;
      t.deepEqual(Object.keys(annotations), ['other']);
      t.is(annotations.other, '<hidden: it repeats the data>');
      t.deepEqual(Object.keys(shown.data ?? {}), ['token']);
    }),
    { numRuns: tries(200) },
  );
});

test('what does not repeat a value is left as it is', (t) => {
  const shown = redact(secret({ data: { token: base64('hunter2') } }, { team: 'shop' }));
  t.deepEqual(shown.metadata.annotations, { team: 'shop' });
});

test('other kinds lose only copies of themselves and what changes with every write', (t) => {
  const object: KubeObject = {
    apiVersion: 'example.com/v1',
    kind: 'Secret',
    metadata: {
      name: 'a',
      resourceVersion: '7',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'x' },
    },
    data: { key: 'shown' },
  };
  t.deepEqual(redact(object), {
    apiVersion: 'example.com/v1',
    kind: 'Secret',
    metadata: { name: 'a', annotations: { note: 'x' } },
    data: { key: 'shown' },
  });
});
