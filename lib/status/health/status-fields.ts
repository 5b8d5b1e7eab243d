import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';

/** Reads of status that hold for any object: what is missing or of another type reads as nothing. */
export function statusOf(object: KubeObject): JsonObject {
  return isObject(object.status) ? object.status : {};
}

export function specOf(object: KubeObject): JsonObject {
  return isObject(object.spec) ? object.spec : {};
}

export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

export type ConditionFacts = { readonly status: string; readonly reason: string; readonly message: string };

/** The condition of a type, null when it is not there. */
export function conditionFacts(object: KubeObject, type: string): ConditionFacts | null {
  const { conditions } = statusOf(object);
  if (!isArray(conditions)) return null;
  for (const condition of conditions) {
    if (!isObject(condition) || condition.type !== type) continue;
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    return {
      status: text(condition.status),
      reason: text(condition.reason),
      message: text(condition.message),
    };
  }
  return null;
}

/** The controller has seen the latest spec. */
export function observed(object: KubeObject): boolean {
  return numberOf(statusOf(object).observedGeneration, 0) >= numberOf(object.metadata.generation, 0);
}
