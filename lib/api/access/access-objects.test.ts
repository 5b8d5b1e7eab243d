import test from 'ava';
import {
  type AccessObjects,
  type AccessRole,
  type Asker,
  aggregatedRules,
  rulesFor,
} from './access-objects.ts';

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

const gathering = (name: string, part: string, labels: Readonly<Record<string, string>> = {}): AccessRole => {
  const own = role(name, `verb-${name}`);
  return {
    ...own,
    metadata: { ...own.metadata, labels: { ...own.metadata.labels, ...labels } },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part } }] },
  };
};
const verbsOf = (of: AccessRole, all: readonly AccessRole[]): readonly string[] =>
  aggregatedRules(of, all).flatMap(({ verbs }) => verbs);

test('a role that gathers others gives what they give, also through others that gather, and nothing of its own', (t) => {
  const top = gathering('top', 'middle');
  const all = [top, gathering('middle', 'c', { part: 'middle' }), role('c', 'verb-c'), role('d', 'verb-d')];
  t.deepEqual(verbsOf(top, all), ['verb-c']);
  t.deepEqual(verbsOf(top, all.slice(0, 2)), [], 'what is gone is given no longer');
});

test('rings of roles that gather one another end, and give nothing', (t) => {
  const a = gathering('a', 'b', { part: 'a' });
  t.deepEqual(verbsOf(a, [a, gathering('b', 'a', { part: 'b' })]), []);
});

test('a chain of roles that gather one another may be longer than a stack of calls, and a ring ends', (t) => {
  const links = 8_000;
  const chain = Array.from({ length: links }, (_, at): AccessRole => {
    const { rules, ...bare } = role(`link-${at}`, 'get');
    if (at === links - 1) return { ...bare, rules };
    return {
      ...bare,
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: `link-${at + 1}` } }] },
    };
  });
  const [first] = chain;
  t.truthy(first);
  if (first === undefined) return;
  t.deepEqual(aggregatedRules(first, chain), [rule('get')]);
  const ring = { ...first, aggregationRule: { clusterRoleSelectors: [{}] } };
  t.deepEqual(aggregatedRules(ring, [ring, ...chain.slice(-2)]), [rule('get')]);
});
