import test from 'ava';
import { readCases } from '../testing/case-file.ts';
import { podLimits, podRequests, readAmounts } from './pod-resources.ts';
import { formatQuantity } from './quantity.ts';
import type { Container, PodSpec } from './types.gen.ts';

type Input = {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly overhead?: Readonly<Record<string, string>>;
  readonly podResources?: NonNullable<PodSpec['resources']>;
  readonly options?: { readonly excludeOverhead?: boolean };
  readonly opts?: { readonly skipPodLevelResources?: boolean };
};
type Expected = { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> };

/** The names of huge pages came through as the expression that makes them. */
const named = (value: Input | Expected): string =>
  JSON.stringify(value)
    .replaceAll('v1.ResourceHugePagesPrefix + \\"', 'hugepages-')
    .replaceAll('v1.ResourceStorage', 'storage');

const text = (amounts: ReturnType<typeof podRequests>): Record<string, string> =>
  Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]));

for (const [at, row] of readCases<Input, Expected>('pod-resources').entries()) {
  // Cases that look at the status while a pod is resized expect here what the spec says, so they hold as they are.
  test(`case ${at}: ${row.name}`, (t) => {
    const input: Input = JSON.parse(named(row.input));
    const expected: Expected = JSON.parse(named(row.expected));
    const { containers = [], initContainers, overhead, podResources, options, opts } = input;
    const pod = { spec: { containers, initContainers, overhead, resources: podResources } };
    if (expected.requests !== undefined)
      t.deepEqual(text(podRequests(pod, { ...options, ...opts })), expected.requests);
    if (expected.limits !== undefined)
      t.deepEqual(text(podLimits(pod, { ...options, ...opts })), expected.limits);
    t.true(expected.requests !== undefined || expected.limits !== undefined);
  });
}

const container = (cpu: string): Container => ({
  name: cpu,
  resources: { requests: { cpu }, limits: { cpu } },
});

test('overhead is added to every request, and to the limits there are', (t) => {
  const pod = { spec: { containers: [container('1')], overhead: { cpu: '250m', memory: '1Mi' } } };
  t.deepEqual(text(podRequests(pod)), { cpu: '1250m', memory: '1Mi' });
  t.deepEqual(text(podLimits(pod)), { cpu: '1250m' });
});

test('an amount nobody can read is left out', (t) => {
  t.deepEqual([...readAmounts({ cpu: 'much', memory: '1Mi' }).keys()], ['memory']);
});
