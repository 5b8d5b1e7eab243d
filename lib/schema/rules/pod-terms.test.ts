import test from 'ava';
import type { JsonObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { builtinSchema } from '../builtin-schema.ts';
import { checkRules } from '../check-rules.ts';
import { fieldPathText } from '../finding.ts';

const schema = builtinSchema();
const { podTermsMax: most } = limits;
const labelSelector = { matchLabels: { app: 'web' } };
const term = { topologyKey: 'kubernetes.io/hostname', labelSelector };
const terms = (count: number): JsonObject[] => Array.from({ length: count }, () => term);
const preferred = (count: number): JsonObject[] =>
  terms(count).map((podAffinityTerm) => ({ weight: 1, podAffinityTerm }));
const spread = (count: number): JsonObject[] =>
  terms(count).map((each, at) => ({
    ...each,
    topologyKey: `zone-${at}`,
    maxSkew: 1,
    whenUnsatisfiable: 'DoNotSchedule',
  }));
const split = (required: number, hoped: number): JsonObject => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms(required) },
  podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred(hoped) },
});

const rows: readonly { readonly title: string; readonly spec: JsonObject; readonly expected: string[] }[] = [
  {
    title: 'as many as there may be',
    spec: { affinity: split(most - 1, 1), topologySpreadConstraints: spread(most) },
    expected: [],
  },
  {
    title: 'one more, of several sorts together',
    spec: { affinity: split(most, 1) },
    expected: ['spec.affinity'],
  },
  {
    title: 'one more constraint',
    spec: { topologySpreadConstraints: spread(most + 1) },
    expected: ['spec.topologySpreadConstraints'],
  },
];
for (const { title, spec, expected } of rows) {
  test(`terms about other pods: ${title}`, (t) => {
    const containers = [{ name: 'main', image: 'host' }];
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers, ...spec },
    };
    const found = checkRules(schema, object);
    t.deepEqual(
      found.map(({ ruleId, path }) => [ruleId, fieldPathText(path)]),
      expected.map((path) => ['out-of-range', path]),
    );
  });
}
