import test, { type ExecutionContext } from 'ava';
import { readCases } from '../testing/case-file.ts';
import { matchesNodeSelector, matchesRequiredAffinity, preferredAffinityScore } from './node-affinity.ts';
import type { Node, NodeSelector, PodSpec } from './types.gen.ts';

type Input = {
  readonly pod?: { readonly spec?: Partial<PodSpec> };
  readonly nodeLabels?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  readonly node?: { readonly metadata: Node['metadata'] } | null;
  readonly nodeSelector?: NodeSelector | null;
};

const nodeOf = (metadata: Node['metadata']): Node => ({ apiVersion: 'v1', kind: 'Node', metadata, spec: {} });

const checks: Readonly<Record<string, (t: ExecutionContext, input: Input, match: boolean) => void>> = {
  required(t, { pod = {}, nodeLabels, nodeName = '' }, match) {
    const spec = { containers: [], ...pod.spec };
    t.is(matchesRequiredAffinity({ spec }, nodeOf({ name: nodeName, labels: nodeLabels })), match);
  },
  'node-selector'(t, { node, nodeSelector }, match) {
    t.is(
      matchesNodeSelector(nodeSelector ?? { nodeSelectorTerms: [] }, nodeOf(node?.metadata ?? { name: '' })),
      match,
    );
  },
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, { readonly match: boolean }>(
  'node-affinity',
).entries()) {
  test(`case ${at}: ${name.slice(0, 90)}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    check(t, input, expected.match);
  });
}

const node = nodeOf({ name: 'n1', labels: { zone: 'a', cores: '8' } });
const term = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

test('numbers compare with Gt and Lt', (t) => {
  t.true(matchesNodeSelector({ nodeSelectorTerms: [term('cores', 'Gt', '7')] }, node));
  t.false(matchesNodeSelector({ nodeSelectorTerms: [term('cores', 'Lt', '8')] }, node));
  t.false(matchesNodeSelector({ nodeSelectorTerms: [term('zone', 'Gt', '1')] }, node));
});

test('an operator or a field nobody knows matches nothing', (t) => {
  t.false(matchesNodeSelector({ nodeSelectorTerms: [term('zone', 'Like', 'a')] }, node));
  const byField = { matchFields: [{ key: 'spec.podCIDR', operator: 'DoesNotExist' }] };
  t.false(matchesNodeSelector({ nodeSelectorTerms: [byField] }, node));
});

test('preferred terms that match add their weights', (t) => {
  const preferred = [
    { weight: 5, preference: term('zone', 'In', 'a') },
    { weight: 7, preference: term('zone', 'In', 'b') },
    { weight: 11, preference: {} },
    { weight: 13, preference: term('cores', 'Exists') },
  ];
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } };
  t.is(preferredAffinityScore({ spec: { containers: [], affinity } }, node), 18);
});
