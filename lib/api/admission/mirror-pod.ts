import { deepEqual } from '../../base/json.ts';
import { isMirrorPod, staticAnnotations } from '../../schema/mirror-pod.ts';
import type { KubeObject } from '../../schema/object.ts';
import { forbidden } from '../api-failures.ts';
import type { Caller } from '../client.ts';
import type { Admission, WriteContext } from '../write-context.ts';

const NODES = 'system:nodes';

/** Whether a node writes what it runs by itself: it runs already, so that nothing of it is judged or completed. */
export function isMirroredByNode({ caller }: { readonly caller: Caller }, object: KubeObject): boolean {
  return isMirrorPod(object) && caller.groups?.includes(NODES) === true;
}

/**
 * Mirrors of static pods are made by nodes alone, and nobody else changes what they show; deleting one is allowed, and its node makes it
 * again. No pod becomes a mirror, or ceases to be one. Source: NodeRestriction, and ValidatePodUpdate of the mirror annotation.
 */
export function admitMirrorPod({ caller }: WriteContext, { kind, object, previous }: Admission): KubeObject {
  if (kind.group !== '' || kind.kind !== 'Pod') return object;
  const was = previous !== undefined && isMirrorPod(previous);
  if (caller.groups?.includes(NODES) === true) {
    // A mirror is not judged: one that became a pod like any other would run with whatever it says.
    if (previous === undefined || markOf(previous) === markOf(object)) return object;
    throw forbidden(
      kind,
      object.metadata.name,
      `the annotation ${staticAnnotations.mirror} stays as it was made`,
    );
  }
  if (!was && !isMirrorPod(object)) return object;
  const { name } = object.metadata;
  if (!was) throw forbidden(kind, name, `only a node sets the annotation ${staticAnnotations.mirror}`);
  const shown = ({ spec, metadata: { labels, annotations } }: KubeObject): unknown => [
    spec,
    labels,
    annotations,
  ];
  if (deepEqual(shown(previous), shown(object))) return object;
  const file = previous.metadata.annotations?.[staticAnnotations.file] ?? 'a file of its node';
  throw forbidden(kind, name, `it only mirrors a static pod: change ${file} on its node`);
}

function markOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[staticAnnotations.mirror];
}
