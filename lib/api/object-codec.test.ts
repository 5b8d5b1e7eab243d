import test from 'ava';
import { configMap } from '../testing/client-contract.ts';
import { atRevision, objectCodec, storedBytes } from './object-codec.ts';

test('an object comes back as it went in', (t) => {
  const codec = objectCodec();
  const object = configMap('a', { k: 'ä\u{1f600}' });
  const fresh = objectCodec().decode(codec.encode(object));
  t.deepEqual(fresh, JSON.parse(JSON.stringify(object)));
});

test('a value is parsed once while it is remembered, or while somebody holds the object', (t) => {
  const codec = objectCodec(4);
  const values = Array.from({ length: 20 }, (_, at) =>
    new TextEncoder().encode(JSON.stringify(configMap(`c${at}`))),
  );
  const held = values.map((value) => codec.decode(value));
  for (const [at, value] of values.entries()) t.true(codec.decode(value) === held[at]);
});

test('the revision is put in without touching the object', (t) => {
  const object = configMap('a');
  t.is(atRevision(object, 7).metadata.resourceVersion, '7');
  t.is(object.metadata.resourceVersion, undefined);
});

test('the bytes of an object are those it was stored as; a copy of it has none', (t) => {
  const codec = objectCodec(4);
  const object = configMap('a', { k: 'ä' });
  const value = codec.encode(object);
  t.is(storedBytes(object), value);
  const values = Array.from({ length: 20 }, (_, at) =>
    new TextEncoder().encode(JSON.stringify(configMap(`c${at}`))),
  );
  // Forgotten by the codec, and still the bytes that it was read from.
  const held = values.map((each) => codec.decode(each));
  t.true(held.every((each, at) => storedBytes(each) === values[at]));
  t.is(storedBytes(atRevision(object, 7)), undefined);
});
