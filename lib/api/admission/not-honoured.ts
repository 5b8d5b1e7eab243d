import { deepEqual } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { podSpecOf } from '../../schema/pod-template.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/** Whoever writes a pod, or what makes pods, is told what of it will not be honoured here. The pod says it too, by a condition. */
export function admitNotHonoured(context: WriteContext, { object, previous }: Admission): KubeObject {
  const { caller, settings } = context;
  if (caller.onWarning === undefined || settings.notHonoured === undefined) return object;
  const spec = podSpecOf(object)?.spec;
  if (spec === undefined) return object;
  if (previous !== undefined && deepEqual(podSpecOf(previous)?.spec, spec)) return object;
  for (const text of settings.notHonoured(spec)) caller.onWarning(text);
  return object;
}
