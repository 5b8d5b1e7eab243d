import { ownerReferenceTo } from '../../schema/owner.ts';
import type { Container, Job, Pod } from '../../schema/types.gen.ts';
import type { NewJobPod } from './fill-up.ts';
import { INDEX_VARIABLE, podNames, TRACKING_FINALIZER } from './names.ts';

/** Characters of a generated name, and of the part the API adds to it. Source: apiserver names. */
const NAME_CHARS_MAX = 63;
const SUFFIX_CHARS = 5;

/** A pod of the Job's template, held until it has been counted. */
export function newJobPod(job: Job, { index, failures }: NewJobPod): Pod {
  const { metadata, spec = { containers: [] } } = job.spec.template;
  const own = index === null ? {} : { [podNames.index]: String(index) };
  const labels = { ...metadata?.labels, ...own };
  const annotations = {
    ...metadata?.annotations,
    ...own,
    ...(failures !== null && { [podNames.indexFailures]: String(failures.counted) }),
    ...(failures !== null && failures.ignored > 0 && { [podNames.indexIgnored]: String(failures.ignored) }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: podNamePrefix(job.metadata.name, index),
      namespace: job.metadata.namespace,
      labels,
      ...(Object.keys(annotations).length > 0 && { annotations }),
      finalizers: [...(metadata?.finalizers ?? []), TRACKING_FINALIZER],
      ownerReferences: [ownerReferenceTo(job)],
    },
    spec: index === null ? spec : withIndex(job, spec, index),
  };
}

/** `<job>-` or `<job>-<index>-`, where the Job's name is cut so that the index stays whole. */
export function podNamePrefix(jobName: string, index: number | null): string {
  if (index === null) return `${jobName}-`;
  const end = `-${index}-`;
  return jobName.slice(0, NAME_CHARS_MAX - SUFFIX_CHARS - end.length) + end;
}

function withIndex(job: Job, spec: Pod['spec'], index: number): Pod['spec'] {
  const source = { fieldRef: { fieldPath: `metadata.annotations['${podNames.index}']` } };
  const told = (container: Container): Container => {
    if (container.env?.some(({ name }) => name === INDEX_VARIABLE) === true) return container;
    return { ...container, env: [...(container.env ?? []), { name: INDEX_VARIABLE, valueFrom: source }] };
  };
  return {
    ...spec,
    hostname: `${job.metadata.name}-${index}`,
    containers: spec.containers.map(told),
    ...(spec.initContainers !== undefined && { initContainers: spec.initContainers.map(told) }),
  };
}
