import test from 'ava';
import { type AccessObjects, type Asker, aggregatedRules, rulesFor } from './access-objects.ts';

const rule = (verb: string) => ({ verbs: [verb], apiGroups: [''], resources: ['pods'] });
const role = (name: string, verb: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels: { part: name } },
  rules: [rule(verb)],
});
const binding = (roleRef: { kind: string; name: string }, subject: object) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'binding', namespace: 'shop' },
  roleRef,
  subjects: [subject as { kind: string; name: string }],
});
const none: AccessObjects = { clusterRoles: [], clusterRoleBindings: [], roles: [], roleBindings: [] };
const ann: Asker = { user: 'ann', groups: ['dev'] };
const account: Asker = { user: 'system:serviceaccount:shop:web', groups: ['system:serviceaccounts'] };

const rows = [
  { title: 'a user by name', subject: { kind: 'User', name: 'ann' }, identity: ann, gets: ['get'] },
  { title: 'another user', subject: { kind: 'User', name: 'bob' }, identity: ann, gets: [] },
  { title: 'a group', subject: { kind: 'Group', name: 'dev' }, identity: ann, gets: ['get'] },
  { title: 'a group is no user', subject: { kind: 'Group', name: 'ann' }, identity: ann, gets: [] },
  {
    title: 'a service account of the namespace',
    subject: { kind: 'ServiceAccount', name: 'web' },
    identity: account,
    gets: ['get'],
  },
  {
    title: 'a service account of another',
    subject: { kind: 'ServiceAccount', name: 'web', namespace: 'other' },
    identity: account,
    gets: [],
  },
] as const;

for (const { title, subject, identity, gets } of rows) {
  test(`a binding speaks of ${title}`, (t) => {
    const access = {
      ...none,
      clusterRoles: [role('reader', 'get')],
      roleBindings: [binding({ kind: 'ClusterRole', name: 'reader' }, subject)],
    };
    t.deepEqual(
      rulesFor(identity, access).flatMap(({ verbs }) => verbs),
      [...gets],
    );
  });
}

test('a binding to a role that is not there gives nothing, and a cluster binding knows no Role', (t) => {
  const subject = { kind: 'User', name: 'ann' };
  const roles = [role('reader', 'get')];
  t.deepEqual(
    rulesFor(ann, { ...none, roleBindings: [binding({ kind: 'ClusterRole', name: 'gone' }, subject)] }),
    [],
  );
  t.deepEqual(
    rulesFor(ann, {
      ...none,
      roles,
      clusterRoleBindings: [binding({ kind: 'Role', name: 'reader' }, subject)],
    }),
    [],
  );
});

test('a role gathers others by label, and rings of them end', (t) => {
  const gathering = (name: string, part: string) => ({
    ...role(name, `verb-${name}`),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part } }] },
  });
  const all = [gathering('a', 'b'), gathering('b', 'a'), role('c', 'verb-c')];
  const [first] = all;
  if (first === undefined) return t.fail();
  t.deepEqual(
    aggregatedRules(first, all).flatMap(({ verbs }) => verbs),
    ['verb-a', 'verb-b'],
  );
});
