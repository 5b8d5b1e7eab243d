import { deepEqual, isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../object.ts';
import type { Subresource } from '../schema.ts';
import { checkEphemeralContainers } from './ephemeral-containers.ts';
import type { ImmutableFields } from './immutable-fields.ts';

/** What may change of a Pod's spec. Source: core/v1 validation.go ValidatePodUpdate. */
const OPEN = [
  'containers',
  'initContainers',
  'ephemeralContainers',
  'activeDeadlineSeconds',
  'tolerations',
  'terminationGracePeriodSeconds',
  'schedulingGates',
  // Scheduling itself, and the resize of a running pod.
  'nodeName',
  'resources',
];

const WHY = 'cannot be changed once the pod exists';

/** Of a running pod only its images, its deadline, its tolerations and (to one second) its grace period change. */
export function checkPodUpdate(
  { subresource }: { readonly old: KubeObject; readonly new: KubeObject; readonly subresource?: Subresource },
  fields: ImmutableFields,
): void {
  const gated = objects(fields.was(['spec', 'schedulingGates']));
  const placement = gated.length > 0 ? ['nodeSelector', 'affinity'] : [];
  fields.keepExcept(['spec'], [...OPEN, ...placement]);
  fields.keepOnceSet(['spec', 'nodeName']);
  for (const list of ['containers', 'initContainers'] as const) checkContainers(list, fields);
  checkEphemeralContainers(fields, subresource === 'ephemeralcontainers');
  checkDeadline(fields);
  checkTolerations(fields);
  const grace = fields.becomes(['spec', 'terminationGracePeriodSeconds']);
  const before = fields.was(['spec', 'terminationGracePeriodSeconds']);
  // A negative period, which older versions took, may be put right.
  if (grace !== before && !(typeof before === 'number' && before < 0 && grace === 1))
    fields.refuse(['spec', 'terminationGracePeriodSeconds'], WHY);
  const gates = objects(fields.becomes(['spec', 'schedulingGates']));
  if (gates.some((gate) => !gated.some((old) => deepEqual(old, gate))))
    fields.refuse(['spec', 'schedulingGates'], 'can only be taken away once the pod exists');
}

function checkContainers(list: 'containers' | 'initContainers', fields: ImmutableFields): void {
  const before = objects(fields.was(['spec', list]));
  const after = objects(fields.becomes(['spec', list]));
  if (before.length !== after.length) {
    fields.refuse(['spec', list], WHY);
    return;
  }
  for (const [index] of after.entries())
    fields.keepExcept(['spec', list, index], ['image', 'imagePullPolicy', 'resources', 'resizePolicy']);
}

function objects(value: unknown): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : [];
}

/** It can be set, or made shorter. */
function checkDeadline(fields: ImmutableFields): void {
  const path = ['spec', 'activeDeadlineSeconds'];
  const before = fields.was(path);
  const after = fields.becomes(path);
  if (typeof before !== 'number' || before === after) return;
  if (typeof after !== 'number' || after > before)
    fields.refuse(path, 'can only be made shorter once the pod exists');
}

/** They can be added, and told how long; none can be taken away. */
function checkTolerations(fields: ImmutableFields): void {
  const path = ['spec', 'tolerations'];
  const same = (a: JsonObject, b: JsonObject): boolean =>
    deepEqual({ ...a, tolerationSeconds: undefined }, { ...b, tolerationSeconds: undefined });
  const after = objects(fields.becomes(path));
  const lost = objects(fields.was(path)).some((old) => !after.some((toleration) => same(old, toleration)));
  if (lost) fields.refuse(path, 'can only be added to once the pod exists');
}
