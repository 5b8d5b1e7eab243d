import type { KubeObject } from '../../schema/object.ts';
import { type ResourceAmounts, readAmounts } from '../../schema/pod-resources.ts';
import { compareQuantities, formatQuantity, type Quantity } from '../../schema/quantity.ts';

type Amounts = Readonly<Record<string, string | number>>;

/** core/v1 LimitRangeItem. */
export type LimitRangeItem = {
  readonly type: string;
  readonly default?: Amounts;
  readonly defaultRequest?: Amounts;
  readonly max?: Amounts;
  readonly min?: Amounts;
  readonly maxLimitRequestRatio?: Amounts;
};
export type LimitRange = KubeObject & { readonly spec?: { readonly limits?: readonly LimitRangeItem[] } };

/** `limits` null: what has requests only. */
type Asked = { readonly requests: ResourceAmounts; readonly limits: ResourceAmounts | null };

/** Every bound of the item that what is asked for is beyond, as Kubernetes says it. Source: LimitRanger min, max and ratio constraints. */
export function rangeViolations(item: LimitRangeItem, asked: Asked): readonly string[] {
  const each = (bounds: Amounts | undefined, check: (name: string, bound: Quantity) => string | null) =>
    [...readAmounts(bounds)].flatMap(([name, bound]) => check(name, bound) ?? []);
  return [
    ...each(item.min, (name, bound) => belowMin(item.type, name, bound, asked)),
    ...each(item.max, (name, bound) => aboveMax(item.type, name, bound, asked)),
    ...(asked.limits === null
      ? []
      : each(item.maxLimitRequestRatio, (name, bound) => aboveRatio(item.type, name, bound, asked))),
  ];
}

function belowMin(type: string, name: string, bound: Quantity, { requests, limits }: Asked): string | null {
  const rule = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits?.get(name)];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${rule}, but request is ${formatQuantity(request)}`;
  if (limit !== undefined && compareQuantities(limit, bound) < 0)
    return `${rule}, but limit is ${formatQuantity(limit)}`;
  return null;
}

function aboveMax(type: string, name: string, bound: Quantity, { requests, limits }: Asked): string | null {
  const rule = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits?.get(name)];
  if (limits === null) {
    if (request === undefined) return `${rule}.  No request is specified`;
  } else if (limit === undefined) return `${rule}.  No limit is specified`;
  else if (compareQuantities(limit, bound) > 0) return `${rule}, but limit is ${formatQuantity(limit)}`;
  if (request !== undefined && compareQuantities(request, bound) > 0)
    return `${rule}, but request is ${formatQuantity(request)}`;
  return null;
}

function aboveRatio(type: string, name: string, bound: Quantity, { requests, limits }: Asked): string | null {
  const rule = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`;
  const [request, limit] = [requests.get(name), limits?.get(name)];
  if (request === undefined || request.nanos === 0n)
    return `${rule}, but no request is specified or request is 0`;
  if (limit === undefined || limit.nanos === 0n) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = Number(limit.nanos) / Number(request.nanos);
  return ratio > Number(bound.nanos) / 1e9 ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : null;
}
