import { deepEqual, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { automaticTolerations, isConditionTaint } from '../schema/node-loss.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Taint, Toleration } from '../schema/types.gen.ts';

/**
 * Lists that are one value to Kubernetes, of which the machine adds items of its own to what a manifest says: they are no drift. Kind →
 * the list in its spec, and which of live's items are kept beside the manifest's.
 */
const KEPT: Readonly<
  Record<
    string,
    {
      readonly list: string;
      readonly kept: (live: readonly JsonValue[], said: readonly JsonValue[]) => readonly JsonValue[];
    }
  >
> = {
  // Admission adds them: how long a pod bears the loss of its node.
  'v1/Pod': {
    list: 'tolerations',
    kept(live, said) {
      const automatic = automaticTolerations(said as readonly Toleration[]);
      return live.filter((item) => automatic.some((one) => deepEqual(one, item)));
    },
  },
  // Controllers add them and take them away, as the node does.
  'v1/Node': {
    list: 'taints',
    kept: (live) =>
      live.filter((item) => isObject(item) && isConditionTaint({ key: '', effect: '', ...item } as Taint)),
  },
};

/** `desired` with the items of such a list that live has and nobody wrote. The same object where there are none. */
export function withKeptItems(
  desired: KubeObject,
  { base, live }: { readonly base: KubeObject | null; readonly live: KubeObject },
): KubeObject {
  const row = KEPT[`${live.apiVersion}/${live.kind}`];
  if (row === undefined) return desired;
  const listIn = (object: KubeObject | null): readonly JsonValue[] | undefined => {
    const list = isObject(object?.spec) ? (object.spec as JsonObject)[row.list] : undefined;
    return isArray(list) ? list : undefined;
  };
  const said = listIn(desired);
  // Nobody wrote the list: live's stays as it is.
  if (said === undefined && listIn(base) === undefined) return desired;
  const kept = row.kept(listIn(live) ?? [], said ?? []);
  if (kept.length === 0) return desired;
  const spec = isObject(desired.spec) ? desired.spec : {};
  return { ...desired, spec: { ...spec, [row.list]: [...(said ?? []), ...kept] } } as KubeObject;
}
