import test from 'ava';
import { parsePodRange } from './pod-address.ts';
import { choosePodUsers, isPodsAlone, POD_USERS, podUserAt } from './pod-user.ts';

const root = {
  ownUid: 0,
  chosen: undefined,
  uidMap: '         0          0 4294967295\n',
  range: parsePodRange('127.97.0.0/16'),
  dataDirectory: '/data',
};

test('root gives each pod a user of its own, others of another data directory', (t) => {
  const users = choosePodUsers(root);
  const first = podUserAt(users, 1) ?? 0;
  t.is(podUserAt(users, 2), first + 1);
  t.true(first >= POD_USERS.first && first + 65_536 <= POD_USERS.last + 65_536);
  t.true(isPodsAlone(first));
  t.deepEqual(choosePodUsers(root), users);
  t.notDeepEqual(choosePodUsers({ ...root, dataDirectory: '/other' }), users);
});

test('who is not root runs pods as itself, and who asks for it', (t) => {
  t.is(podUserAt(choosePodUsers({ ...root, ownUid: 1000 }), 1), null);
  t.is(podUserAt(choosePodUsers({ ...root, ownUid: 1000, chosen: 5 }), 1), null);
  t.is(podUserAt(choosePodUsers({ ...root, chosen: 0 }), 1), null);
  t.false(isPodsAlone(null));
});

test('one user for all, when it is chosen, or when the user namespace has no more', (t) => {
  const chosen = choosePodUsers({ ...root, chosen: 1234 });
  t.deepEqual([podUserAt(chosen, 1), podUserAt(chosen, 2)], [1234, 1234]);
  const few = choosePodUsers({ ...root, uidMap: '0 100000 65536\n' });
  t.is(podUserAt(few, 1), 65_534);
  t.false(isPodsAlone(podUserAt(few, 1)));
});
