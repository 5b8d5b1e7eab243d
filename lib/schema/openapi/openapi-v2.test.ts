import test from 'ava';
import { kubernetesVersion } from '../kubernetes-version.ts';
import { WireReader } from '../protobuf/wire-reader.ts';
import { openapiV2Document } from './openapi-v2.ts';

test('the document of version 2 names itself and holds no paths', (t) => {
  const reader = new WireReader(openapiV2Document());
  t.is(reader.tag().number, 1);
  t.is(reader.text(), '2.0');
  t.is(reader.tag().number, 2);
  const info = new WireReader(reader.lengthDelimited());
  t.is(info.tag().number, 1);
  t.is(info.text(), 'Kubernetes');
  t.is(info.tag().number, 2);
  t.is(info.text(), kubernetesVersion);
  t.is(reader.tag().number, 8);
  t.is(reader.lengthDelimited().length, 0);
  t.true(reader.done);
});
