import { limits } from '../../base/limits.ts';
import {
  compareQuantities,
  parseQuantity,
  quantityToBytes,
  quantityToMillis,
} from '../../schema/quantity.ts';
import type { Node } from '../../schema/types.gen.ts';

/** On a Node of a repository: what the node has of the machine, as quantities (`2`, `500m`, `4Gi`); pods as a whole number. */
export const CAPACITY_ANNOTATIONS = {
  cpu: 'pintle.dev/capacity-cpu',
  memory: 'pintle.dev/capacity-memory',
  pods: 'pintle.dev/capacity-pods',
} as const;

/** Unset: the node's share of the machine. */
export type DeclaredCapacity = {
  readonly cpuMillis?: number;
  readonly memoryBytes?: number;
  readonly pods?: number;
};

/**
 * What a Node's annotations ask. A value that is no quantity above zero, or more than can be counted, says nothing: the node has its share
 * then, and its status shows that. Pods are as many as a node may have at most.
 */
export function declaredCapacity(annotations: Node['metadata']['annotations']): DeclaredCapacity {
  const amount = (name: keyof typeof CAPACITY_ANNOTATIONS) => {
    const quantity = parseQuantity(annotations?.[CAPACITY_ANNOTATIONS[name]] ?? '');
    return quantity === null || compareQuantities(quantity, ZERO) <= 0 ? null : quantity;
  };
  const [cpu, memory, pods] = [amount('cpu'), amount('memory'), amount('pods')];
  const cpuMillis = cpu === null ? 0 : quantityToMillis(cpu);
  const memoryBytes = memory === null ? 0 : quantityToBytes(memory);
  return {
    ...(isCounted(cpuMillis) && { cpuMillis }),
    ...(isCounted(memoryBytes) && { memoryBytes }),
    ...(pods && { pods: Math.min(quantityToBytes(pods), limits.podsPerNodeMax) }),
  };
}

/** Beyond that, kernels are told numbers in a form they do not read. */
function isCounted(amount: number): boolean {
  return amount > 0 && Number.isSafeInteger(amount);
}

const ZERO = { nanos: 0n, format: 'DecimalSI' } as const;
