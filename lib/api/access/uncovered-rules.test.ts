import test from 'ava';
import fc from 'fast-check';
import { limits } from '../../base/limits.ts';
import { type PolicyRule, ruleAllows } from './policy-rule.ts';
import { uncoveredRules } from './uncovered-rules.ts';

const pods = (verbs: readonly string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  ...{ verbs, apiGroups: [''], resources: ['pods'] },
  ...more,
});
const everything: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

const rows: readonly {
  title: string;
  owned: readonly PolicyRule[];
  wanted: PolicyRule;
  left: readonly PolicyRule[];
}[] = [
  { title: 'the same', owned: [pods(['get'])], wanted: pods(['get']), left: [] },
  {
    title: 'one verb too many',
    ...{ owned: [pods(['get'])], wanted: pods(['get', 'delete']), left: [pods(['delete'])] },
  },
  {
    title: 'two rules together',
    owned: [pods(['get']), pods(['list'])],
    wanted: pods(['get', 'list']),
    left: [],
  },
  { title: 'everything', owned: [everything], wanted: pods(['*'], { resources: ['*'] }), left: [] },
  {
    title: 'a star is more than all verbs there are',
    ...{ owned: [pods(['get', 'list', 'watch'])], wanted: pods(['*']), left: [pods(['*'])] },
  },
  {
    title: 'one name of many',
    owned: [pods(['get'], { resourceNames: ['a'] })],
    wanted: pods(['get'], { resourceNames: ['a', 'b'] }),
    left: [pods(['get'], { resourceNames: ['b'] })],
  },
  {
    title: 'all names, of whom holds one',
    ...{ owned: [pods(['get'], { resourceNames: ['a'] })], wanted: pods(['get']), left: [pods(['get'])] },
  },
  {
    title: 'all names, of whom holds the empty one',
    ...{ owned: [pods(['get'], { resourceNames: [''] })], wanted: pods(['get']), left: [pods(['get'])] },
  },
  {
    title: 'a subresource is not its resource',
    owned: [pods(['get'])],
    wanted: pods(['get'], { resources: ['pods/exec'] }),
    left: [pods(['get'], { resources: ['pods/exec'] })],
  },
  {
    title: 'a subresource of every resource',
    owned: [pods(['get'], { resources: ['*/scale'] })],
    wanted: pods(['get'], { resources: ['deployments/scale'] }),
    left: [],
  },
  {
    title: 'paths below a prefix',
    owned: [{ verbs: ['get'], nonResourceURLs: ['/healthz/*'] }],
    wanted: { verbs: ['get'], nonResourceURLs: ['/healthz/a', '/metrics'] },
    left: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }],
  },
];
for (const { title, owned, wanted, left } of rows) {
  test(`what is not held: ${title}`, (t) => {
    t.deepEqual(uncoveredRules(owned, [wanted]), left);
  });
}

test('who may do something that a rule allows, and covers the rule, may do it too', (t) => {
  const values = (...all: readonly string[]) => fc.uniqueArray(fc.constantFrom(...all), { minLength: 1 });
  const rule: fc.Arbitrary<PolicyRule> = fc.record({
    verbs: values('get', 'list', '*'),
    apiGroups: values('', 'apps', '*'),
    resources: values('pods', 'pods/log', '*/log', '*'),
    resourceNames: fc.uniqueArray(fc.constantFrom('a', 'b')),
  });
  const wanted = fc.record({
    ...{ type: fc.constant('resource' as const), namespace: fc.constant('') },
    verb: fc.constantFrom('get', 'list', 'watch'),
    group: fc.constantFrom('', 'apps', 'batch'),
    resource: fc.constantFrom('pods', 'jobs'),
    subresource: fc.constantFrom('', 'log'),
    name: fc.constantFrom('', 'a', 'c'),
  });
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 4 }), rule, wanted, (owned, granted, asked) => {
      if (uncoveredRules(owned, [granted])?.length !== 0 || !ruleAllows(granted, asked)) return;
      t.true(owned.some((each) => ruleAllows(each, asked)));
    }),
    { numRuns: 2000 },
  );
});

test('what is too much to look at is not judged', (t) => {
  const many = Array.from({ length: limits.grantedRulesMax + 1 }, (_, index) => `v${index}`);
  t.is(uncoveredRules([everything], [pods(many)]), null);
});
