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
 * What a Node's annotations ask. A value that is no quantity above zero says nothing: the node has its share then, and its status shows
 * that.
 */
export function declaredCapacity(annotations: Node['metadata']['annotations']): DeclaredCapacity {
  const amount = (name: keyof typeof CAPACITY_ANNOTATIONS) => {
    const quantity = parseQuantity(annotations?.[CAPACITY_ANNOTATIONS[name]] ?? '');
    return quantity === null || compareQuantities(quantity, ZERO) <= 0 ? null : quantity;
  };
  const [cpu, memory, pods] = [amount('cpu'), amount('memory'), amount('pods')];
  return {
    ...(cpu && { cpuMillis: quantityToMillis(cpu) }),
    ...(memory && { memoryBytes: quantityToBytes(memory) }),
    ...(pods && { pods: quantityToBytes(pods) }),
  };
}

const ZERO = { nanos: 0n, format: 'DecimalSI' } as const;
