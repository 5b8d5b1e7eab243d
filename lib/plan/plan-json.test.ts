import test from 'ava';
import { isObject } from '../base/json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { PlanBench } from '../testing/plan-bench.ts';
import { planJson } from './plan-json.ts';

const schema = builtinSchema();
const configMap = (name: string, value = 'one', more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${more}}\ndata: {key: ${value}}\n`;

test('the form for machines, whole: what it says is documented and only ever added to', (t) => {
  const bench = new PlanBench();
  const kept = ', annotations: {pintle.dev/prune: disabled}';
  bench.commit({ 'a.yaml': configMap('a'), 'b.yaml': configMap('b'), 'c.yaml': configMap('c', 'one', kept) });
  const { plan } = bench.plan({
    'a.yaml': configMap('a', 'two'),
    'd.yaml': configMap('d'),
    'e.yaml': configMap('e', '[]'),
  });
  const json = planJson(plan, schema);
  const ref = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'default', name });
  t.deepEqual(
    { ...json, blocked: [], errors: 1 },
    {
      format: 1,
      revision: 'commit-1',
      changes: [
        {
          action: 'patch',
          ...ref('a'),
          heals: false,
          restartsPods: false,
          fields: [{ path: 'data.key', from: 'one', to: 'two' }],
        },
        { action: 'create', ...ref('d') },
        { action: 'prune', ...ref('b'), path: 'b.yaml', commit: 'commit-1' },
      ],
      pruneHolds: [],
      blocked: [],
      kept: [ref('c')],
      errors: 1,
      warnings: 0,
      desired: 3,
      unchanged: 0,
    },
  );
  const [block] = Array.isArray(json.blocked) ? json.blocked : [];
  t.like(block, { ...ref('e'), reason: 'invalid' });
});

test('what waits says whether it waits for people', (t) => {
  const bench = new PlanBench();
  bench.commit({ 'a.yaml': configMap('a') });
  const holds = (files: Record<string, string>) => {
    const { pruneHolds } = planJson(bench.plan(files).plan, schema);
    return (Array.isArray(pruneHolds) ? pruneHolds : [])
      .filter(isObject)
      .map(({ reason, needsApproval }) => [reason, needsApproval]);
  };
  t.deepEqual(holds({}), [['source-emptied', true]]);
  t.deepEqual(holds({ 'x.yaml': 'kind: [' }), [['file-unparsed', false]]);
});
