import test from 'ava';
import { InvariantError } from '../base/errors.ts';
import { controllerOf, isControlledBy, isOwnedBy, ownerReferenceTo } from './owner.ts';

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web', uid: 'u1' } };
const reference = ownerReferenceTo(owner);

test('the reference names its owner and controls', (t) => {
  t.deepEqual(reference, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web',
    uid: 'u1',
    controller: true,
    blockOwnerDeletion: true,
  });
  t.throws(() => ownerReferenceTo({ ...owner, metadata: { name: 'web' } }), { instanceOf: InvariantError });
});

test('ownership is by uid', (t) => {
  const plain = { ...reference, controller: false };
  const object = { metadata: { name: 'a', ownerReferences: [plain] } };
  t.true(isOwnedBy(object, owner));
  t.false(isControlledBy(object, owner));
  t.is(controllerOf(object), undefined);
  t.true(
    isControlledBy({ metadata: { name: 'a', ownerReferences: [plain, { ...reference, uid: 'u1' }] } }, owner),
  );
  t.false(isOwnedBy(object, { metadata: { name: 'web', uid: 'u2' } }));
  t.false(isOwnedBy({ metadata: { name: 'a' } }, { metadata: { name: 'unstored' } }));
});
