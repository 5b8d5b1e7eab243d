import { formatIpv4, parseIpv4 } from '../../api/admission/address-range.ts';
import { limits } from '../../base/limits.ts';
import type { DeclaredCapacity } from './declared-capacity.ts';
import type { NodeSettings } from './node-settings.ts';

/** A range divided is given out in parts of so many addresses, where it has that many: more than the pods of a node. */
const PART_SIZE = 256;
/** Of each range: its own, the gateway's and the last. */
const NEVER_GIVEN = 3;

/** The names of the machine's nodes: `name`, `name-2`, `name-3`. */
export function nodeNames(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}-${index + 1}`));
}

/**
 * The parts of an address range for `count` nodes: all of it for one. Where 256 addresses each can be had, a node keeps its part however
 * many there are. Fewer parts than nodes where there are not enough addresses.
 */
export function addressParts(range: string, count: number): readonly string[] {
  if (count <= 1) return [range];
  const [text = '', bits = ''] = range.split('/');
  const base = parseIpv4(text) ?? 0;
  const size = 2 ** (32 - Number(bits));
  const apart = 2 ** Math.ceil(Math.log2(count));
  const partSize = Math.max(8, size >= PART_SIZE * apart ? PART_SIZE : size / apart);
  const partBits = 32 - Math.log2(partSize);
  return Array.from(
    { length: Math.min(count, size / partSize) },
    (_, index) => `${formatIpv4(base + index * partSize)}/${partBits}`,
  );
}

/**
 * What one of several nodes has of the machine: an equal share of it, or what was declared for it, and its own addresses. A node that
 * is all of the machine has all of it.
 */
export function nodeShare(
  machine: NodeSettings,
  place: {
    readonly index: number;
    readonly count: number;
    readonly declared?: DeclaredCapacity;
  },
): NodeSettings {
  const { index, count, declared = {} } = place;
  const { usage, ...facts } = machine;
  const podCIDR = machine.podCIDR && addressParts(machine.podCIDR, count)[index];
  const podsMax = declared.pods ?? machine.podsMax ?? limits.podsPerNodeMax;
  return {
    ...facts,
    cpuMillis: declared.cpuMillis ?? Math.floor(machine.cpuMillis / count),
    memoryBytes: declared.memoryBytes ?? Math.floor(machine.memoryBytes / count),
    podsMax: podCIDR === undefined ? podsMax : Math.min(podsMax, addressesIn(podCIDR)),
    podCIDR,
    cpuLimitMillis: declared.cpuMillis ?? null,
    memoryLimitBytes: declared.memoryBytes ?? null,
    // What the whole machine uses says nothing of one of several.
    ...(count === 1 && usage && { usage }),
  };
}

function addressesIn(range: string): number {
  return 2 ** (32 - Number(range.split('/')[1])) - NEVER_GIVEN;
}
