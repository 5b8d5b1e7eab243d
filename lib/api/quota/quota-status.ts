import type { EpochMs } from '../../base/clock.ts';
import type { KubeObject } from '../../schema/object.ts';
import { type ResourceAmounts, readAmounts } from '../../schema/pod-resources.ts';
import { addQuantities, formatQuantity, type Quantity } from '../../schema/quantity.ts';
import type { Kind, Schema } from '../../schema/schema.ts';
import { objectUsage } from './object-usage.ts';
import { quotaMatches } from './quota-scopes.ts';
import type { ResourceQuota } from './resource-quota.ts';

const NONE: Quantity = { nanos: 0n, format: 'DecimalSI' };

/** What the quota allows and what of it is taken, as its status has them. `objectsOf`: those of the quota's namespace. */
export function quotaStatus(
  schema: Schema,
  quota: ResourceQuota,
  { objectsOf, now }: { readonly objectsOf: (kind: Kind) => readonly KubeObject[]; readonly now: EpochMs },
): NonNullable<ResourceQuota['status']> {
  const hard = readAmounts(quota.spec?.hard);
  const used = new Map([...hard.keys()].map((name) => [name, NONE]));
  for (const kind of countedKinds(schema, hard.keys())) {
    for (const object of objectsOf(kind)) {
      if (!quotaMatches(quota, kind, object)) continue;
      for (const [name, taken] of objectUsage(kind, object, now)) {
        const before = used.get(name);
        if (before !== undefined) used.set(name, addQuantities(before, taken));
      }
    }
  }
  return { hard: written(hard), used: written(used) };
}

export function written(amounts: ResourceAmounts): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...amounts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, quantity]) => [name, formatQuantity(quantity)]),
  );
}

/** The kinds whose objects take something of what these names stand for. */
export function countedKinds(schema: Schema, names: Iterable<string>): readonly Kind[] {
  const found = new Map<string, Kind>();
  for (const name of names) {
    const kind = kindCounted(schema, name);
    if (kind !== undefined) found.set(`${kind.group}/${kind.plural}`, kind);
  }
  return [...found.values()];
}

function kindCounted(schema: Schema, name: string): Kind | undefined {
  const counted = /^count\/([^.]+)(?:\.(.+))?$/.exec(name);
  if (counted !== null) return byPlural(schema, counted[2] ?? '', counted[1] ?? '');
  if (name.endsWith('persistentvolumeclaims') || name.endsWith('requests.storage'))
    return byPlural(schema, '', 'persistentvolumeclaims');
  if (name.startsWith('services')) return byPlural(schema, '', 'services');
  // All else that is no plural of a kind is something pods ask for.
  return byPlural(schema, '', name) ?? byPlural(schema, '', 'pods');
}

function byPlural(schema: Schema, group: string, plural: string): Kind | undefined {
  const kind = schema.kindByPlural(group, plural);
  return kind?.namespaced === true ? kind : undefined;
}
