import { podRequests, type ResourceAmounts, readAmounts } from '../../schema/pod-resources.ts';
import { quantityToBytes, quantityToMillis } from '../../schema/quantity.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';

/** Amounts by resource as whole numbers: cpu in thousandths, all else in units (bytes), rounded up. */
export type Figures = ReadonlyMap<string, number>;

/** What a container without a request counts as when nodes are compared. Source: upstream; 100m and 200Mi. */
const ASSUMED = { cpu: '100m', memory: '200Mi' } as const;

export function figuresOf(amounts: ResourceAmounts): Figures {
  const figures = new Map<string, number>();
  for (const [name, amount] of amounts)
    figures.set(name, name === 'cpu' ? quantityToMillis(amount) : quantityToBytes(amount));
  return figures;
}

export function readFigures(list: Readonly<Record<string, number | string>> | undefined): Figures {
  return figuresOf(readAmounts(list));
}

/** What the pod asks for, its overhead too, with an assumed amount for containers that ask for none. */
export function assumedFigures(pod: Pod): { readonly cpu: number; readonly memory: number } {
  const { containers = [], initContainers } = pod.spec;
  const spec = {
    ...pod.spec,
    containers: containers.map(withAssumed),
    ...(initContainers && { initContainers: initContainers.map(withAssumed) }),
  };
  const figures = figuresOf(podRequests({ spec }));
  return { cpu: figures.get('cpu') ?? 0, memory: figures.get('memory') ?? 0 };
}

function withAssumed(container: Container): Container {
  const { requests } = container.resources ?? {};
  if (requests?.cpu !== undefined && requests.memory !== undefined) return container;
  return { ...container, resources: { ...container.resources, requests: { ...ASSUMED, ...requests } } };
}
