import { deepEqual } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { checkPodSecurity } from '../../schema/pod-security.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { forbidden } from '../api-failures.ts';
import { causeOfFinding } from '../cause-of-finding.ts';
import type { Admission, WriteContext } from '../write-context.ts';
import { isMirroredByNode } from './mirror-pod.ts';

/**
 * No pod reaches into the machine unless its owner allows it: a push is not root. Judged when a pod is made, whoever makes
 * it, and when a container is added to it; nothing else of what it judges can be changed later.
 * Source: Pod Security Standards, level baseline.
 */
export function admitPodSecurity(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== '' || kind.kind !== 'Pod' || isJudged(object as Pod, previous as Pod | undefined))
    return object;
  const spec = (object as Pod).spec;
  if (context.settings.allowHostAccess || spec === undefined || isMirroredByNode(context, object))
    return object;
  const findings = checkPodSecurity(spec, ['spec'], object.metadata);
  if (findings.length === 0) return object;
  // Each message begins with its path.
  const text = findings.map(({ message }) => message).join(' ');
  throw forbidden(
    kind,
    object.metadata.name,
    `violates PodSecurity "baseline": ${text}`,
    findings.map((finding) => causeOfFinding(finding, { schema: context.schema, kind, object })),
  );
}

function isJudged(pod: Pod, previous: Pod | undefined): boolean {
  return (
    previous !== undefined && deepEqual(pod.spec?.ephemeralContainers, previous.spec?.ephemeralContainers)
  );
}
