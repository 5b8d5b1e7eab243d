import { isObject, type JsonValue } from '../../base/json.ts';
import type { ControllerRevision, PodTemplateSpec } from '../../schema/types.gen.ts';

/**
 * What a revision holds: a strategic merge patch that puts the template in place of the owner's. `kubectl rollout undo` sends it
 * as it stands. Source: upstream getPatch of the DaemonSet and StatefulSet controllers.
 */
export function revisionData(template: PodTemplateSpec): JsonValue {
  return { spec: { template: { ...template, $patch: 'replace' } } } as JsonValue;
}

/** The template that a revision holds; null when it holds none. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec | null {
  const spec = isObject(data) ? data.spec : undefined;
  const template = isObject(spec) ? spec.template : undefined;
  if (!isObject(template)) return null;
  const { $patch: _patch, ...rest } = template;
  return rest as PodTemplateSpec;
}
