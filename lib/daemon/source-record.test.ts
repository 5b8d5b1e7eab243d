import test from 'ava';
import { emptySourceState, sourceObject } from '../plan/source-state.ts';
import { localApi } from '../testing/local-api.ts';
import { loadSourceRecord } from './source-record.ts';

const caller = { user: 'test', fieldManager: 'test' };
const spec = { name: 'main', location: '/repositories/a', branch: 'main', path: '' };

test('another repository is followed from where the one before has led', async (t) => {
  const { client } = await localApi();
  await client.create(sourceObject({ ...emptySourceState(spec), revision: 'abc' }), caller);
  const other = { ...spec, location: '/repositories/b' };
  const { state } = await loadSourceRecord(client, caller, other);
  t.deepEqual(state.spec, other);
  t.is(state.revision, 'abc');
});
