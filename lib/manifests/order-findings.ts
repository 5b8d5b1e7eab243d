import type { FieldPath } from '../schema/finding.ts';
import { type ObjectRef, refKey, refText } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { dependenciesOf, orderAnnotations, syncWaveOf } from './apply-after.ts';
import { schemaOfTree } from './custom-kinds.ts';
import { dependencyCycles } from './dependency-cycles.ts';
import type { ManifestObject } from './manifest-set.ts';

/** Something wrong with what an object says must come before it. */
export type OrderFinding =
  | {
      readonly ruleId: 'invalid-order' | 'dependency-cycle';
      readonly at: ManifestObject;
      readonly path: FieldPath;
      readonly message: string;
    }
  | {
      readonly ruleId: 'missing-reference';
      readonly at: ManifestObject;
      readonly path: FieldPath;
      /** Not among the objects. */
      readonly missing: ObjectRef;
    };

const DEPENDS_ON: FieldPath = ['metadata', 'annotations', orderAnnotations.dependsOn];
const SYNC_WAVE: FieldPath = ['metadata', 'annotations', orderAnnotations.syncWave];

/** What of the order that objects ask for cannot be kept: it cannot be read, leads in a circle, or names what is not there. */
export function orderFindings(objects: readonly ManifestObject[], schema: Schema): readonly OrderFinding[] {
  const asking = objects.filter(({ object: { metadata } }) => {
    const { annotations } = metadata;
    return (
      annotations?.[orderAnnotations.dependsOn] !== undefined ||
      annotations?.[orderAnnotations.syncWave] !== undefined
    );
  });
  if (asking.length === 0) return [];
  const ofTree = schemaOfTree(
    schema,
    objects.map(({ object }) => object),
  );
  const byKey = new Map(objects.map((manifest) => [refKey(manifest.ref), manifest]));
  const findings: OrderFinding[] = [];
  const edges = new Map<string, readonly string[]>();
  for (const at of asking) {
    const wave = syncWaveOf(at.object);
    if (typeof wave !== 'number') findings.push(invalid(at, SYNC_WAVE, wave));
    const { refs, unreadable } = dependenciesOf(at.object, ofTree);
    for (const entry of unreadable) findings.push(invalid(at, DEPENDS_ON, entry));
    if (refs.length > 0) edges.set(refKey(at.ref), refs.map(refKey));
    for (const ref of refs) {
      const target = byKey.get(refKey(ref));
      if (target === undefined)
        findings.push({ ruleId: 'missing-reference', at, path: DEPENDS_ON, missing: ref });
      else findings.push(...againstWaves(at, target));
    }
  }
  return [...findings, ...cyclesAmong(edges, byKey)];
}

/** The circles of what objects wait for, each told once, at its first object. */
function cyclesAmong(
  edges: ReadonlyMap<string, readonly string[]>,
  byKey: ReadonlyMap<string, ManifestObject>,
): readonly OrderFinding[] {
  return dependencyCycles(edges).flatMap((cycle): readonly OrderFinding[] => {
    const members = cycle.flatMap((key) => byKey.get(key) ?? []);
    const [at] = members;
    if (at === undefined) return [];
    const path = [...members, at].map(({ ref }) => refText(ref)).join(' → ');
    const message = `These wait for one another, so that none is ever applied: ${path}.`;
    return [{ ruleId: 'dependency-cycle', at, path: DEPENDS_ON, message }];
  });
}

/** An object that waits for one of a later wave waits for ever: that one waits for its whole wave. */
function againstWaves(at: ManifestObject, target: ManifestObject): readonly OrderFinding[] {
  const [own, its] = [syncWaveOf(at.object), syncWaveOf(target.object)];
  if (typeof own !== 'number' || typeof its !== 'number' || its <= own) return [];
  const message = `${refText(target.ref)} is of wave ${its}, which comes after wave ${own} of ${refText(at.ref)}: neither is ever applied.`;
  return [{ ruleId: 'dependency-cycle', at, path: DEPENDS_ON, message }];
}

function invalid(
  at: ManifestObject,
  path: FieldPath,
  { text, why }: { readonly text: string; readonly why: string },
): OrderFinding {
  return { ruleId: 'invalid-order', at, path, message: `${JSON.stringify(text)} cannot be read: ${why}.` };
}
