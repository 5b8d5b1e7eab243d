import test from 'ava';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { decideStatus } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const names = { kind: 'Boat', plural: 'boats' };
const definition = (status?: JsonObject, version = 'v1'): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boats.example.com' },
  spec: { group: 'example.com', names, versions: [{ name: version, storage: true, served: true }] },
  ...(status && { status }),
});
const conflict = { reason: 'NameConflict', message: '"boats" is already in use' };
const accepted = decideStatus(definition(), { conflict: undefined, now });

test('a definition whose names are its own is established', (t) => {
  t.deepEqual<unknown, unknown>(accepted, {
    acceptedNames: names,
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        reason: 'NoConflicts',
        message: 'no conflicts found',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
      {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
    storedVersions: ['v1'],
  });
});

test('later there is nothing more to say', (t) => {
  t.is(decideStatus(definition(accepted ?? {}), { conflict: undefined, now: now + 5_000 }), null);
});

test('a name that is taken is not accepted, and nothing is established', (t) => {
  const status = decideStatus(definition(), { conflict, now });
  t.like(status, { acceptedNames: { kind: '', plural: '' } });
  t.like(status, {
    conditions: [
      { status: 'False', reason: 'NameConflict' },
      { status: 'False', reason: 'NotAccepted' },
    ],
  });
});

test('what is established stays so when a name is taken', (t) => {
  const status = decideStatus(definition(accepted ?? {}), { conflict, now });
  t.like(status, { acceptedNames: names, conditions: [{ status: 'False' }, { status: 'True' }] });
});

test('every version that objects were stored in is remembered', (t) => {
  const status = decideStatus(definition(accepted ?? {}, 'v2'), { conflict: undefined, now });
  t.like(status, { storedVersions: ['v1', 'v2'] });
});
