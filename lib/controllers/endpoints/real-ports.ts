import { PORTS_ANNOTATION } from '../../api/annotations.ts';
import { isObject } from '../../base/json.ts';
import type { Pod } from '../../schema/types.gen.ts';

const PORT_MAX = 65_535;

/** Where a pod's container ports really listen; what the annotation does not say, or says badly, is left out. */
export function realPortsOf(pod: Pod): ReadonlyMap<number, number> {
  const text = pod.metadata.annotations?.[PORTS_ANNOTATION];
  if (text === undefined) return new Map();
  const entries = Object.entries(parsed(text)).map(([from, to]): [number, unknown] => [Number(from), to]);
  return new Map(entries.filter((entry): entry is [number, number] => entry.every(isPort)));
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= PORT_MAX;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
