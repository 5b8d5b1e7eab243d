import { isObject } from '../base/json.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import { readManifests } from '../manifests/read-manifests.ts';
import { decidePlan, type PlanInput, type PlanResult } from '../plan/decide-plan.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { applyJsonPatch } from '../schema/json-patch.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';

const schema = builtinSchema();

/** YAML by path → what a tree of these files says. */
export function manifestSet(files: Readonly<Record<string, string>>): ManifestSet {
  const sources = Object.entries(files).map(([path, text]) => ({
    path,
    blob: `${path}:${text}`,
    bytes: Buffer.from(text),
  }));
  return readManifests(sources, { schema, defaultNamespace: 'default', allowHostAccess: false });
}

/**
 * A world in memory for plans alone: what is live, and the inventory. `apply` does to it what the API would, so that
 * several commits can follow one another without one.
 */
export class PlanBench {
  readonly live = new Map<string, KubeObject>();
  readonly inventory = new Map<string, InventoryRow>();
  #version = 0;
  #commit = 0;

  plan(files: Readonly<Record<string, string>> | null, overrides: Partial<PlanInput> = {}): PlanResult {
    const desired = manifestSet(files ?? {});
    return decidePlan({
      schema,
      source: 'main',
      revision: files === null ? null : `commit-${this.#commit}`,
      desired,
      inventory: this.inventory,
      live: (ref) => this.live.get(refKey(ref)) ?? null,
      liveAutoscalers: [...this.live.values()].filter(({ kind }) => kind === 'HorizontalPodAutoscaler'),
      unmanagedIn: (namespace) => this.#unmanaged(namespace),
      holds: [],
      approvals: new Set(),
      refused: new Map(),
      backedOff: new Set(),
      passedGuard: new Set(),
      memory: null,
      ...overrides,
    });
  }

  /** Plans a commit and does what the plan says. */
  commit(files: Readonly<Record<string, string>>, overrides: Partial<PlanInput> = {}): PlanResult {
    this.#commit += 1;
    const result = this.plan(files, overrides);
    for (const change of result.plan.changes) {
      if (change.action === 'create') this.put(change.object);
      else if (change.action === 'patch') {
        const { metadata, ...rest } = applyJsonPatch(change.live, change.operations) as KubeObject;
        this.put({
          ...rest,
          metadata: { ...metadata, generation: (metadata.generation ?? 1) + 1 },
        } as KubeObject);
      } else this.live.delete(refKey(change.ref));
    }
    for (const row of result.plan.rows) this.inventory.set(refKey(row.ref), row);
    for (const ref of result.plan.droppedRows) this.inventory.delete(refKey(ref));
    return result;
  }

  /** Every component was healthy with what is applied. */
  markGood(): void {
    for (const [key, row] of this.inventory) this.inventory.set(key, { ...row, good: row.applied });
  }

  /** Every rollout under way has ended well. */
  rollOut(): void {
    for (const object of [...this.live.values()]) {
      if (object.kind !== 'Deployment' || !isObject(object.spec)) continue;
      const replicas = Number(object.spec.replicas ?? 1);
      const observedGeneration = object.metadata.generation ?? 1;
      const status = { observedGeneration, replicas, updatedReplicas: replicas, availableReplicas: replicas };
      this.put({ ...object, status });
    }
  }

  /** Puts an object live as the API would keep it. */
  put(object: KubeObject): void {
    this.#version += 1;
    const defaulted = applyDefaults(schema, object);
    const metadata = {
      uid: `uid-${object.metadata.name}`,
      ...defaulted.metadata,
      resourceVersion: String(this.#version),
    };
    const kept = { ...defaulted, metadata };
    this.live.set(refKey(refOfObject(kept)), kept);
  }

  object(key: string): KubeObject {
    const object = this.live.get(key);
    if (object === undefined)
      throw new Error(`${key} is not live; there is ${[...this.live.keys()].join(', ')}`);
    return object;
  }

  #unmanaged(namespace: string): readonly ObjectRef[] {
    return [...this.live.values()]
      .filter(
        (object) =>
          object.metadata.namespace === namespace && !this.inventory.has(refKey(refOfObject(object))),
      )
      .map(refOfObject);
  }
}

function refOfObject(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
  return { group, kind: object.kind, namespace: namespace ?? '', name };
}

/** What a plan does, as sorted text: `create ConfigMap shop/a`. */
export function actionsOf({ plan }: PlanResult): readonly string[] {
  return plan.changes
    .map(
      ({ action, ref }) =>
        `${action} ${ref.kind} ${ref.namespace === '' ? ref.name : `${ref.namespace}/${ref.name}`}`,
    )
    .sort();
}

export function blocksOf({ plan }: PlanResult): readonly string[] {
  return plan.blocked.map(({ reason, ref }) => `${reason} ${ref.kind} ${ref.name}`).sort();
}
