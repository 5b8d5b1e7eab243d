import type { Informer } from '../../api/informer.ts';
import { controllerOf } from '../../schema/owner.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { podNames } from './names.ts';
import { isTracked } from './pods-of-job.ts';

/** refKeys of tracked pods by the key of the Job they are (or were) of. */
type ByJob = Map<string, Set<string>>;
const indexes = new WeakMap<object, ByJob>();

/** The key of the Job a pod is of; of one that lost its owner, the key of the one its label names. null: of none. */
export function jobKeyOf(pod: Pod): string | null {
  const { namespace = '', labels } = pod.metadata;
  const controller = controllerOf(pod);
  if (controller !== undefined) return controller.kind === 'Job' ? `${namespace}/${controller.name}` : null;
  const named = labels?.[podNames.jobName];
  return named === undefined || !isTracked(pod) ? null : `${namespace}/${named}`;
}

/**
 * Pods that are held for a Job which is not there any more, though one of its name may be: nobody will count them. Kept up to
 * date, so that a look does not walk over the namespace.
 */
export function strayPods(
  informer: Informer<Pod>,
  jobKey: string,
  jobUid: string | undefined,
): readonly Pod[] {
  const index = indexes.get(informer) ?? buildIndex(informer);
  const pods = [...(index.get(jobKey) ?? [])].flatMap((key) => informer.objects.get(key) ?? []);
  return pods.filter((pod) => {
    const controller = controllerOf(pod);
    // Nobody's pod may be adopted, as long as there is a Job.
    return controller === undefined ? jobUid === undefined : controller.uid !== jobUid;
  });
}

function buildIndex(informer: Informer<Pod>): ByJob {
  const index: ByJob = new Map();
  const take = (key: string, pod: Pod | undefined): void => {
    const job = pod === undefined ? null : jobKeyOf(pod);
    if (job === null) return;
    const keys = index.get(job);
    keys?.delete(key);
    if (keys?.size === 0) index.delete(job);
  };
  const put = (key: string, pod: Pod | undefined): void => {
    const job = pod === undefined || !isTracked(pod) ? null : jobKeyOf(pod);
    if (job !== null) index.set(job, (index.get(job) ?? new Set<string>()).add(key));
  };
  for (const [key, pod] of informer.objects) put(key, pod);
  informer.onChange(({ key, before, after }) => {
    take(key, before);
    put(key, after);
  });
  indexes.set(informer, index);
  return index;
}
