import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { UserError } from '../../base/errors.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { tries } from '../../testing/thoroughness.ts';
import { decodeProtobuf } from './decode-protobuf.ts';

/** Bodies that kubectl 1.32 sent (1.33 sends the same), and the object as it prints it or as kubectl 1.31 sends it in JSON. */
const directory = join(import.meta.dirname, '../../../fixtures/protobuf');
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.bin'))
  .map((file) => file.slice(0, -'.bin'.length));
const bodyOf = (name: string): Buffer => readFileSync(join(directory, `${name}.bin`));

/** Go prints members that say nothing: null, `{}`, and the status of what is yet to be created. */
function saying(value: JsonValue | undefined): JsonValue | undefined {
  if (isArray(value)) return value.map((item) => saying(item) ?? null);
  if (!isObject(value)) return value ?? undefined;
  const members = Object.entries(value).flatMap(([key, member]) => {
    const said = saying(member);
    const empty = said === undefined || (isObject(said) && Object.keys(said).length === 0);
    return empty ? [] : [[key, said]];
  });
  return Object.fromEntries(members) as JsonObject;
}

function fixture(name: string): JsonObject {
  const { status: _status, ...object } = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8'));
  // A priority class of zero: the field is not required, and absent it is zero.
  if (name === 'priorityclass-zero') delete object.value;
  return object;
}

for (const name of names)
  test(`kubectl's ${name} is read as kubectl prints it`, (t) => {
    const { status: _status, ...object } = decodeProtobuf(bodyOf(name));
    t.deepEqual(saying(object), saying(fixture(name)));
  });

test('there are bodies of every command that sends protobuf', (t) => {
  t.true(names.length >= 38);
});

const varint = (value: number | bigint): number[] => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
};
const message = (number: number, content: readonly number[]): number[] => [
  ...varint(number * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (number: number, value: string): number[] => message(number, [...Buffer.from(value)]);
const integer = (number: number, value: number | bigint): number[] => [
  ...varint(number * 8),
  ...varint(value),
];
const body = (apiVersion: string, kind: string, raw: readonly number[]): Uint8Array =>
  Uint8Array.from([
    0x6b,
    0x38,
    0x73,
    0,
    ...message(1, [...text(1, apiVersion), ...text(2, kind)]),
    ...message(2, raw),
  ]);
/** A Pod with a spec of these bytes; and with one container of them. */
const podSpec = (spec: readonly number[]): JsonValue | undefined =>
  decodeProtobuf(body('v1', 'Pod', message(2, spec))).spec;
const volume = (source: readonly number[]): number[] => message(1, [...text(1, 'v'), ...message(2, source)]);

const values: Record<string, { spec: readonly number[]; json: JsonValue | undefined }> = {
  'a zero that no pointer holds says nothing': { spec: integer(11, 0), json: undefined },
  'a zero behind a pointer is kept': { spec: integer(4, 0), json: { terminationGracePeriodSeconds: 0 } },
  'a false behind a pointer is kept': { spec: integer(21, 0), json: { automountServiceAccountToken: false } },
  'a negative number is sign-extended': {
    spec: integer(25, -5n),
    json: { priority: -5 },
  },
  'the source of a volume stands in the volume': {
    spec: volume(message(2, [])),
    json: { volumes: [{ name: 'v', emptyDir: {} }] },
  },
  'a name two messages deep stands beside its siblings': {
    spec: volume(message(19, [...message(1, text(1, 'cfg')), ...integer(3, 0)])),
    json: { volumes: [{ name: 'v', configMap: { name: 'cfg', defaultMode: 0 } }] },
  },
  'numbers may be packed, or not': {
    spec: message(14, [...message(4, [1, 2]), ...integer(4, 3)]),
    json: { securityContext: { supplementalGroups: [1, 2, 3] } },
  },
  'the later of two values of one field counts': {
    spec: [...text(10, 'a'), ...text(10, 'b')],
    json: { nodeName: 'b' },
  },
  'a field nobody knows is passed over': {
    spec: [...text(9999, 'x'), ...text(10, 'a')],
    json: { nodeName: 'a' },
  },
  'a map value that is left out is empty': {
    spec: message(7, text(1, 'disk')),
    json: { nodeSelector: { disk: '' } },
  },
};
for (const [title, { spec, json }] of Object.entries(values))
  test(`${title}.`, (t) => {
    t.deepEqual(podSpec(spec), json);
  });

test('a kind always has metadata, and a time that is not set is no field.', (t) => {
  const meta = [...text(1, 'x'), ...message(8, [])];
  t.deepEqual(decodeProtobuf(body('v1', 'ConfigMap', message(1, meta))).metadata, { name: 'x' });
  t.deepEqual(decodeProtobuf(body('v1', 'ConfigMap', [])).metadata, {});
});

test('times, raw JSON and extra attributes have a form of their own.', (t) => {
  const lease = [...integer(1, 1_767_225_600), ...integer(2, 123_456_000)];
  t.deepEqual(decodeProtobuf(body('coordination.k8s.io/v1', 'Lease', message(2, message(3, lease)))).spec, {
    acquireTime: '2026-01-01T00:00:00.123456Z',
  });
  const meta = message(1, message(8, lease));
  t.deepEqual(decodeProtobuf(body('v1', 'Pod', meta)).metadata, {
    creationTimestamp: '2026-01-01T00:00:00Z',
  });
  const data = message(2, text(1, '{"a":[1]}'));
  t.deepEqual(decodeProtobuf(body('apps/v1', 'ControllerRevision', data)).data, { a: [1] });
  const extra = message(5, [...text(1, 'scopes'), ...message(2, [...text(1, 'a'), ...text(1, 'b')])]);
  t.deepEqual(
    decodeProtobuf(body('authorization.k8s.io/v1', 'SubjectAccessReview', message(2, extra))).spec,
    {
      extra: { scopes: ['a', 'b'] },
    },
  );
});

test('options of a delete are read in every group.', (t) => {
  const raw = [...integer(1, 0), ...text(4, 'Orphan'), ...text(5, 'All')];
  for (const apiVersion of ['v1', 'apps/v1', 'example.com/v1'])
    t.deepEqual(decodeProtobuf(body(apiVersion, 'DeleteOptions', raw)), {
      apiVersion,
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Orphan',
      dryRun: ['All'],
    });
});

const deep = (levels: number): number[] => {
  // JSONSchemaProps: `not` (28) holds a schema.
  let schema: number[] = text(5, 'string');
  for (let level = 0; level < levels; level += 1) schema = message(28, schema);
  return schema;
};
const crd = (schema: readonly number[]): Uint8Array =>
  body(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    message(2, message(7, [...text(1, 'v1'), ...message(4, message(1, schema))])),
  );

const refused: Record<string, { body: Uint8Array; code: string }> = {
  'an empty body': { body: new Uint8Array(), code: 'INVALID_PROTOBUF' },
  'a body of JSON': { body: Buffer.from('{"kind":"Pod"}'), code: 'INVALID_PROTOBUF' },
  'a kind nobody knows': { body: body('v1', 'Nothing', []), code: 'UNKNOWN_PROTOBUF_KIND' },
  'a kind named as a member of every object': {
    body: body('v1', 'constructor', []),
    code: 'UNKNOWN_PROTOBUF_KIND',
  },
  'an old version': { body: body('apps/v1beta1', 'Deployment', []), code: 'UNKNOWN_PROTOBUF_KIND' },
  'a length beyond the end': { body: body('v1', 'Pod', [0x12, 0x7f, 0x01]), code: 'INVALID_PROTOBUF' },
  'a number longer than 64 bits': {
    body: body('v1', 'Pod', message(2, [0x20, ...Array<number>(11).fill(0xff)])),
    code: 'INVALID_PROTOBUF',
  },
  'a number that JSON cannot keep': {
    body: body('v1', 'Pod', message(2, integer(4, 2n ** 60n))),
    code: 'INVALID_PROTOBUF',
  },
  'a text that is not UTF-8': {
    body: body('v1', 'Pod', message(2, message(10, [0xff]))),
    code: 'INVALID_PROTOBUF',
  },
  'a number where a text belongs': {
    body: body('v1', 'Pod', message(2, integer(10, 1))),
    code: 'INVALID_PROTOBUF',
  },
  'the key __proto__': {
    body: body('v1', 'ConfigMap', message(2, [...text(1, '__proto__'), ...text(2, 'x')])),
    code: 'INVALID_PROTOBUF',
  },
  'raw JSON with the key __proto__': {
    body: body('apps/v1', 'ControllerRevision', message(2, text(1, '{"a":{"__proto__":1}}'))),
    code: 'INVALID_PROTOBUF',
  },
  'raw JSON that is none': {
    body: body('apps/v1', 'ControllerRevision', message(2, text(1, '{'))),
    code: 'INVALID_PROTOBUF',
  },
  'a schema of a thousand levels': { body: crd(deep(1_000)), code: 'INVALID_PROTOBUF' },
  'more values than fit': {
    body: body(
      'v1',
      'Pod',
      message(
        2,
        Array<number[]>(limits.protobufValuesMax + 1)
          .fill([0x12, 0])
          .flat(),
      ),
    ),
    code: 'INVALID_PROTOBUF',
  },
};
for (const [title, { body, code }] of Object.entries(refused))
  test(`${title} is refused`, (t) => {
    t.is(t.throws(() => decodeProtobuf(body), { instanceOf: UserError })?.code, code);
  });

test('a schema of some levels is read', (t) => {
  const spec = decodeProtobuf(crd(deep(50))).spec;
  t.is(JSON.stringify(spec).split('"not"').length - 1, 50);
});

const readsOrRefuses = (bytes: Uint8Array): boolean => {
  try {
    decodeProtobuf(bytes);
    return true;
  } catch (thrown) {
    return thrown instanceof UserError;
  }
};

test('a body cut anywhere is read or refused', (t) => {
  for (const name of names) {
    const whole = bodyOf(name);
    for (let end = 0; end < whole.length; end += 1) t.true(readsOrRefuses(whole.subarray(0, end)));
  }
});

test('property: a body with bytes changed at random is read or refused', (t) => {
  const changes = fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...names), changes, (name, changed) => {
      const bytes = Buffer.from(bodyOf(name));
      for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
      return readsOrRefuses(bytes);
    }),
    { numRuns: tries(500) },
  );
  t.pass();
});
