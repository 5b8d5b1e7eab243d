import test from 'ava';
import { acceptedForm } from './accept.ts';

const TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
const rows = [
  { title: 'no header takes an object', accept: undefined, form: 'object' },
  { title: 'a Table, as kubectl get asks', accept: TABLE, form: 'Table v1' },
  {
    title: 'metadata only, as garbage collectors ask',
    accept:
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    form: 'PartialObjectMetadata v1',
  },
  {
    title: 'protobuf first, JSON also',
    accept: 'application/vnd.kubernetes.protobuf,application/json',
    form: 'object',
  },
  { title: 'protobuf, or anything', accept: 'application/vnd.kubernetes.protobuf, */*', form: 'object' },
  { title: 'protobuf only', accept: 'application/vnd.kubernetes.protobuf', form: null },
  {
    title: 'a table of a version that is not',
    accept: 'application/json;as=Table;v=v2;g=meta.k8s.io',
    form: null,
  },
  {
    title: 'quality counts before order',
    accept: 'application/json;q=0.1,application/json;as=Table;v=v1;g=meta.k8s.io',
    form: 'Table v1',
  },
  { title: 'quality 0 is refused', accept: 'application/json;q=0', form: null },
  { title: 'nonsense', accept: ';;,=,', form: null },
] as const;

for (const { title, accept, form } of rows) {
  test(title, (t) => {
    const accepted = acceptedForm(accept);
    const text =
      accepted === null ? null : accepted.as === 'object' ? 'object' : `${accepted.as} ${accepted.version}`;
    t.is(text, form);
  });
}
