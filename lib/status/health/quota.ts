import { isObject, type JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { compareQuantities, quantityOf } from '../../schema/quantity.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { specOf, statusOf } from './status-fields.ts';

/** A ResourceQuota is healthy once what is used is counted, and no more is used than it allows (it may have been made smaller). */
export function quotaHealth(quota: KubeObject): Health {
  const hard = fieldsOf(specOf(quota).hard);
  const used = fieldsOf(statusOf(quota).used);
  const names = Object.keys(hard).sort();
  const uncounted = names.filter((name) => used[name] === undefined);
  if (uncounted.length > 0) return progressing('NotCounted', `${uncounted.join(', ')} is not counted yet`);
  const over = names.filter((name) => isMore(used[name], hard[name]));
  if (over.length === 0) return healthy;
  const amounts = over.map((name) => `${name} ${String(used[name])} of ${String(hard[name])}`);
  return degraded('OverQuota', `more is used than is allowed: ${amounts.join(', ')}`);
}

function fieldsOf(value: unknown): Readonly<Record<string, JsonValue | undefined>> {
  return isObject(value) ? value : {};
}

function isMore(used: JsonValue | undefined, hard: JsonValue | undefined): boolean {
  const [a, b] = [quantityOf(used), quantityOf(hard)];
  return a !== null && b !== null && compareQuantities(a, b) > 0;
}
