import type { KubeObject } from '../../schema/object.ts';
import type { Job } from '../../schema/types.gen.ts';
import { invalid } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

/**
 * A Job finds its pods by its own uid unless it says it selects by hand. Source: job strategy generateSelector, with the
 * old and the prefixed label names (K).
 */
export function admitJob(_context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== 'batch' || kind.kind !== 'Job' || previous !== undefined) return object;
  const job = object as Job;
  if (job.spec?.manualSelector === true) return object;
  if (job.spec?.selector !== undefined) {
    const message = '`selector` will be auto-generated';
    throw invalid(kind, job.metadata.name, [
      { reason: 'FieldValueForbidden', message, field: 'spec.selector' },
    ]);
  }
  const uid = job.metadata.uid ?? '';
  const own = { 'controller-uid': uid, 'job-name': job.metadata.name };
  const labels = {
    ...own,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': job.metadata.name,
  };
  const template = job.spec?.template;
  const templateLabels = { ...template?.metadata?.labels, ...labels };
  return {
    ...object,
    // By default a Job has its template's labels, these among them: Kubernetes defaults once more when it reads (K).
    metadata: { ...object.metadata, labels: object.metadata.labels ?? templateLabels },
    spec: {
      ...job.spec,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: {
        ...template,
        metadata: { ...template?.metadata, labels: templateLabels },
      },
    },
  };
}
