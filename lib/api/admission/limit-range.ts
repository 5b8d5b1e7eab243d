import type { KubeObject } from '../../schema/object.ts';
import { podLimits, podRequests, readAmounts } from '../../schema/pod-resources.ts';
import type { Container, PersistentVolumeClaim, Pod } from '../../schema/types.gen.ts';
import { forbidden } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';
import { type LimitRange, type LimitRangeItem, rangeViolations } from './range-violations.ts';

const LIMIT_RANGE = { group: '', kind: 'LimitRange' } as const;
const ANNOTATION = 'kubernetes.io/limit-ranger';

/**
 * What the namespace's ranges say of a new pod or claim: containers get the requests and limits they do not name, then everything is
 * held to the bounds, and all that is beyond them is told at once. Source: LimitRanger admission.
 */
export function admitLimitRange(context: WriteContext, { kind, object, previous }: Admission): KubeObject {
  if (kind.group !== '' || previous !== undefined) return object;
  const isPod = kind.kind === 'Pod';
  if (!isPod && kind.kind !== 'PersistentVolumeClaim') return object;
  const ranges = context.schema.kind(LIMIT_RANGE);
  if (ranges === undefined) return object;
  const found = context.staging.inNamespace(ranges, object.metadata.namespace ?? '') as readonly LimitRange[];
  const items = found.flatMap(({ spec }) => spec?.limits ?? []);
  if (items.length === 0) return object;
  const complete = isPod ? withDefaultResources(object as KubeObject & Pod, items) : object;
  const said = isPod ? podViolations(complete as KubeObject & Pod, items) : claimViolations(object, items);
  if (said.length === 0) return complete;
  throw forbidden(kind, object.metadata.name, said.length === 1 ? (said[0] ?? '') : `[${said.join(', ')}]`);
}

function podViolations(pod: Pod, items: readonly LimitRangeItem[]): readonly string[] {
  const { containers, initContainers = [] } = pod.spec;
  return items.flatMap((item) => {
    switch (item.type) {
      case 'Container':
        return [...containers, ...initContainers].flatMap(({ resources }) =>
          rangeViolations(item, {
            requests: readAmounts(resources?.requests),
            limits: readAmounts(resources?.limits),
          }),
        );
      case 'Pod':
        return rangeViolations(item, { requests: podRequests(pod), limits: podLimits(pod) });
      default:
        return [];
    }
  });
}

function claimViolations(object: KubeObject, items: readonly LimitRangeItem[]): readonly string[] {
  const requests = readAmounts((object as PersistentVolumeClaim).spec?.resources?.requests);
  // A claim has only a request.
  return items.flatMap((item) =>
    item.type === 'PersistentVolumeClaim' ? rangeViolations(item, { requests, limits: null }) : [],
  );
}

/** Source: LimitRanger mergePodResourceRequirements; the annotation says what was set. */
function withDefaultResources(pod: KubeObject & Pod, items: readonly LimitRangeItem[]): KubeObject {
  const ofContainers = items.filter(({ type }) => type === 'Container');
  const requests = Object.assign({}, ...ofContainers.map((item) => item.defaultRequest ?? {}));
  const limits = Object.assign({}, ...ofContainers.map((item) => item.default ?? {}));
  const set: string[] = [];
  const complete = (container: Container, what: string): Container => {
    const { resources = {} } = container;
    const missing = (which: 'requests' | 'limits', defaults: object): readonly string[] =>
      Object.keys(defaults).filter((name) => resources[which]?.[name] === undefined);
    const [noRequests, noLimits] = [missing('requests', requests), missing('limits', limits)];
    if (noRequests.length + noLimits.length === 0) return container;
    if (noRequests.length > 0)
      set.push(`${noRequests.toSorted().join(', ')} request for ${what} ${container.name}`);
    if (noLimits.length > 0)
      set.push(`${noLimits.toSorted().join(', ')} limit for ${what} ${container.name}`);
    return {
      ...container,
      resources: {
        ...resources,
        ...(noRequests.length > 0 && { requests: { ...requests, ...resources.requests } }),
        ...(noLimits.length > 0 && { limits: { ...limits, ...resources.limits } }),
      },
    };
  };
  const containers = pod.spec.containers.map((container) => complete(container, 'container'));
  const initContainers = pod.spec.initContainers?.map((container) => complete(container, 'init container'));
  if (set.length === 0) return pod;
  const { metadata, spec } = pod;
  const annotations = { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${set.join('; ')}` };
  return {
    ...pod,
    metadata: { ...metadata, annotations },
    spec: { ...spec, containers, ...(initContainers !== undefined && { initContainers }) },
  } as KubeObject;
}
