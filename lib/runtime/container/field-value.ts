import { quantityOf, requireQuantity } from '../../schema/quantity.ts';
import type { Container, Pod, ResourceFieldSelector } from '../../schema/types.gen.ts';
import { type Resolved, resolved, unresolved } from '../references.ts';

/** What the downward API tells a container beyond its pod's own object. */
export type DownwardFacts = {
  readonly podIP: string;
  readonly hostIP: string;
  readonly nodeName: string;
  /** Stands in for a limit that is not set. */
  readonly allocatable: { readonly cpu: string; readonly memory: string };
};

/** `metadata.labels['key']` → labels, key. */
const KEYED = /^metadata\.(labels|annotations)\['([^']{1,317})'\]$/;

/** The value of a fieldRef. Maps as a whole (for downward volumes) are `key="value"` lines, sorted, values escaped. */
export function fieldValue(pod: Pod, fieldPath: string, facts: DownwardFacts): Resolved<string> {
  const { metadata, spec } = pod;
  const keyed = KEYED.exec(fieldPath);
  if (keyed !== null) {
    const map = (keyed[1] === 'labels' ? metadata.labels : metadata.annotations) ?? {};
    const key = keyed[2] ?? '';
    return resolved((Object.hasOwn(map, key) ? map[key] : undefined) ?? '');
  }
  switch (fieldPath) {
    case 'metadata.name':
      return resolved(metadata.name);
    case 'metadata.namespace':
      return resolved(metadata.namespace ?? '');
    case 'metadata.uid':
      return resolved(metadata.uid ?? '');
    case 'metadata.labels':
      return resolved(mapText(metadata.labels ?? {}));
    case 'metadata.annotations':
      return resolved(mapText(metadata.annotations ?? {}));
    case 'spec.nodeName':
      return resolved(facts.nodeName);
    case 'spec.serviceAccountName':
      return resolved(spec.serviceAccountName ?? 'default');
    case 'status.hostIP':
    case 'status.hostIPs':
      return resolved(facts.hostIP);
    case 'status.podIP':
    case 'status.podIPs':
      return resolved(facts.podIP);
    default:
      return unresolved(`The field ${JSON.stringify(fieldPath)} is not one the downward API offers.`);
  }
}

function mapText(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

/**
 * The value of a resourceFieldRef: the amount in units of `divisor` (default 1), rounded up. A limit that is not set is what
 * the node can give; a request that is not set is 0. Source: component-helpers, ExtractContainerResourceValue.
 */
export function resourceValue(
  container: Container,
  selector: ResourceFieldSelector,
  facts: DownwardFacts,
): Resolved<string> {
  const [side, name, ...rest] = selector.resource.split('.');
  if (rest.length > 0 || name === undefined || (side !== 'limits' && side !== 'requests')) {
    return unresolved(
      `The resource ${JSON.stringify(selector.resource)} is not limits.NAME or requests.NAME.`,
    );
  }
  const set = container.resources?.[side] ?? {};
  const own = Object.hasOwn(set, name) ? set[name] : undefined;
  const fallback = side === 'limits' && (name === 'cpu' || name === 'memory') ? facts.allocatable[name] : '0';
  const amount = requireQuantity(own ?? fallback);
  const divisor = quantityOf(selector.divisor ?? '1');
  const by = divisor === null || divisor.nanos <= 0n ? 10n ** 9n : divisor.nanos;
  return resolved(String((amount.nanos + by - 1n) / by));
}
