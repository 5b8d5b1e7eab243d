import test from 'ava';
import type { AccessRole } from '../../api/access/access-objects.ts';
import { decideClusterRole } from './decide.ts';

const role = (name: string, verbs: readonly string[], labels = {}): AccessRole => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels },
  rules: verbs.map((verb) => ({ verbs: [verb], apiGroups: [''], resources: ['pods'] })),
});
const gathering = (verbs: readonly string[]): AccessRole => ({
  ...role('all', verbs),
  aggregationRule: {
    clusterRoleSelectors: [{ matchLabels: { part: 'one' } }, { matchLabels: { part: 'two' } }],
  },
});
const one = { part: 'one' };
const two = { part: 'two' };

const rows: readonly {
  readonly title: string;
  readonly role: AccessRole;
  readonly others?: readonly AccessRole[];
  readonly verbs: readonly string[] | null;
}[] = [
  { title: 'one that gathers none is left alone', role: role('plain', ['get']), verbs: null },
  {
    title: 'what the labels name is gathered, in the order of names',
    role: gathering([]),
    others: [role('b', ['list'], two), role('a', ['get'], one), role('c', ['delete'])],
    verbs: ['get', 'list'],
  },
  {
    title: 'what it shows already is not written again, whatever the order',
    role: gathering(['list', 'get']),
    others: [role('a', ['get'], one), role('b', ['list'], two)],
    verbs: null,
  },
  {
    title: 'a rule that several have is shown once',
    role: gathering([]),
    others: [role('a', ['get'], one), role('b', ['get'], two)],
    verbs: ['get'],
  },
  {
    title: 'what nobody gives any longer vanishes',
    role: gathering(['get', 'list']),
    others: [role('a', ['get'], one)],
    verbs: ['get'],
  },
  { title: 'what it says of its own vanishes', role: gathering(['get']), verbs: [] },
  {
    title: 'one on its way out is left alone',
    role: { ...gathering(['get']), metadata: { name: 'all', deletionTimestamp: '2026-01-01T00:00:00Z' } },
    verbs: null,
  },
];
for (const { title, role: given, others = [], verbs } of rows) {
  test(`a ClusterRole: ${title}`, (t) => {
    const rules = decideClusterRole(given, [given, ...others]);
    t.deepEqual(rules === null ? null : rules.flatMap((rule) => rule.verbs), verbs);
  });
}
