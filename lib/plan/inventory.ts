import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../base/json.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';

/** An object with the commit it came from. */
export type AppliedVersion = { readonly object: KubeObject; readonly commit: string };

/** One row per object applied from a source: the base of the next three-way difference. */
export type InventoryRow = {
  readonly source: string;
  readonly ref: ObjectRef;
  /** The object as last applied, normalised, without defaults. */
  readonly applied: AppliedVersion;
  readonly path: string;
  readonly document: number;
  readonly blob: string;
  /** The last version its whole component was healthy with; null: none yet. */
  readonly good: AppliedVersion | null;
  /** A Job that ran to its end: its disappearance (TTL) is not drift. */
  readonly finished: boolean;
};

export const inventoryKind = { group: 'pintle.dev', kind: 'AppliedObject' } as const;
const inventoryApiVersion = 'pintle.dev/v1';

/** The row's object name: the same ref of the same source has the same name, which no other has. */
export function inventoryName(source: string, ref: ObjectRef): string {
  const digest = createHash('sha256').update(refKey(ref)).digest('hex').slice(0, 24);
  return `${source}.${digest}`;
}

export function inventoryRef(row: Pick<InventoryRow, 'source' | 'ref'>): ObjectRef {
  return { ...inventoryKind, namespace: '', name: inventoryName(row.source, row.ref) };
}

/** The row as the object that is stored. A version equal to the applied one is stored once. */
export function inventoryObject(row: InventoryRow): KubeObject {
  const sameAsApplied = row.good !== null && row.good.commit === row.applied.commit;
  return {
    apiVersion: inventoryApiVersion,
    kind: inventoryKind.kind,
    metadata: { name: inventoryName(row.source, row.ref), labels: { 'pintle.dev/source': row.source } },
    spec: {
      source: row.source,
      ref: row.ref,
      applied: row.applied,
      path: row.path,
      document: row.document,
      blob: row.blob,
      good: sameAsApplied ? 'applied' : row.good,
      finished: row.finished,
    },
  };
}

/** Reads a stored row back; null when it is not one (another version wrote it). */
export function inventoryRow(object: KubeObject): InventoryRow | null {
  const spec = object.spec;
  if (!isObject(spec) || typeof spec.source !== 'string' || typeof spec.path !== 'string') return null;
  const ref = readRef(spec.ref);
  const applied = readVersion(spec.applied);
  if (ref === null || applied === null) return null;
  return {
    source: spec.source,
    ref,
    applied,
    path: spec.path,
    document: typeof spec.document === 'number' ? spec.document : 0,
    blob: typeof spec.blob === 'string' ? spec.blob : '',
    good: spec.good === 'applied' ? applied : readVersion(spec.good),
    finished: spec.finished === true,
  };
}

function readRef(value: unknown): ObjectRef | null {
  if (!isObject(value)) return null;
  const { group, kind, namespace, name } = value;
  if (typeof group !== 'string' || typeof kind !== 'string') return null;
  if (typeof namespace !== 'string' || typeof name !== 'string') return null;
  return { group, kind, namespace, name };
}

function readVersion(value: unknown): AppliedVersion | null {
  if (!isObject(value) || typeof value.commit !== 'string' || !isKubeObject(value.object)) return null;
  return { commit: value.commit, object: value.object };
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isObject(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string')
    return false;
  const metadata: unknown = value.metadata;
  return isObject(metadata) && typeof (metadata as JsonObject).name === 'string';
}
