import { isApiError } from '../../api/api-error.ts';
import type { Operation } from '../../api/client.ts';
import type { Informers } from '../../api/informers.ts';
import { assert } from '../../base/errors.ts';
import { deepEqual } from '../../base/json.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import { type ObjectRef, refOf } from '../../schema/object.ts';
import { controllerOf } from '../../schema/owner.ts';
import type { Job, JobStatus, Pod } from '../../schema/types.gen.ts';
import {
  againAt,
  type Context,
  type Controller,
  done,
  type Result,
  watching,
} from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { orphansIn } from '../harness/orphans.ts';
import { slowStartBatches } from '../harness/slow-start.ts';
import { decideJob, type JobAction, type JobDecision } from './decide.ts';
import { newJobPod } from './new-pod.ts';
import { adopt, letGo, release, stop, takeAway } from './pod-operations.ts';
import { jobKeyOf, strayPods } from './stray-pods.ts';

const JOB = { group: 'batch', kind: 'Job' } as const;
const POD = { group: '', kind: 'Pod' } as const;
/** Who may also look after Jobs is named in spec.managedBy. Source: batch/v1 JobControllerName. */
const MANAGER = 'kubernetes.io/job-controller';

/** Runs the pods of Jobs until enough of them have succeeded, counts them, and deletes Jobs whose time is over. */
export function jobController(): Controller {
  return { name: 'job-controller', kind: JOB, watches: [watching<Pod>(POD, jobsOf)], reconcile };
}

/** The Job it is of; for a pod of nobody, those that would take it. */
function jobsOf(pod: Pod, informers: Informers): readonly string[] {
  const own = jobKeyOf(pod);
  if (own !== null) return [own];
  if (controllerOf(pod) !== undefined) return [];
  return informers
    .of<Job>(JOB)
    .inNamespace(pod.metadata.namespace ?? '')
    .filter(({ spec }) => spec.selector && matchesLabelSelector(spec.selector, pod.metadata.labels))
    .map(keyOf);
}

async function reconcile(ref: ObjectRef, context: Context): Promise<Result> {
  const { client, caller, informers, now } = context;
  assert(client.transactional, 'a pod is counted in the transaction that lets go of it');
  const job = informers.of<Job>(JOB).get(ref);
  const pods = informers.of<Pod>(POD);
  const strays = strayPods(pods, `${ref.namespace}/${ref.name}`, job?.metadata.uid);
  if (strays.length > 0) await client.transact(strays.map(letGo), caller);
  if (job === undefined || (job.spec.managedBy ?? MANAGER) !== MANAGER) return done;
  const candidates = [...pods.ownedBy(job.metadata.uid ?? ''), ...orphansIn(pods, ref.namespace)];
  const decision = decideJob({ job, candidates }, now);
  const { actions, status, requeueAtMs } = decision;
  if (actions.length === 0 && deepEqual(status, job.status ?? {})) return againAt(requeueAtMs);
  try {
    await carryOut(job, decision, context);
  } catch (failure) {
    // The template is refused. Nothing we watch tells when it would not be (a ServiceAccount may come, a quota be raised).
    const creates = actions.some((action) => action.do === 'create');
    if (!creates || !isApiError(failure, 'Forbidden', 'Invalid', 'BadRequest')) throw failure;
    const message = `Error creating: ${failure.message}`;
    context.events.record(job, { type: 'Warning', reason: 'FailedCreate', message });
    return { is: 'retry' };
  }
  return againAt(requeueAtMs);
}

/**
 * One transaction for all but what is created, with the status that counts it. The status carries the resourceVersion that was
 * decided on: on a Job that has changed since, nothing is done at all.
 */
async function carryOut(job: Job, decision: JobDecision, context: Context): Promise<void> {
  const { actions, status, notes } = decision;
  const { client, caller, events } = context;
  const creates = actions.flatMap((action) => (action.do === 'create' ? [newJobPod(job, action.pod)] : []));
  const operations = actions.flatMap((action) => operationsOf(action, job));
  const changed = !deepEqual(status, job.status ?? {});
  const begun = { ...job, status };
  // Before pods that are to come nothing is written on its own: their first batch carries the status.
  if (operations.length > 0 || (changed && creates.length === 0)) {
    const guard = changed ? [statusUpdate(begun)] : [];
    const [updated] = await client.transact([...guard, ...operations], caller);
    tellDeleted(job, actions, context);
    for (const note of notes) events.record(job, note);
    if (creates.length > 0) await create(current(begun, changed ? updated : null), creates, context);
    return;
  }
  await create(begun, creates, context);
  for (const note of notes) events.record(job, note);
}

function statusUpdate(job: Job): Operation {
  return { op: 'update', object: job, subresource: 'status' };
}

function operationsOf(action: JobAction, job: Job): readonly Operation[] {
  switch (action.do) {
    case 'adopt':
      return [adopt(action.pod, job)];
    case 'release':
      return [release(action.pod, job)];
    case 'let-go':
      return [letGo(action.pod)];
    case 'take-away':
      return takeAway(action.pod);
    case 'stop':
      return [stop(action.pod)];
    case 'delete-job': {
      const { uid = '', resourceVersion = '' } = job.metadata;
      const preconditions = { uid, resourceVersion };
      return [{ op: 'delete', ref: refOf(job), options: { propagation: 'Background', preconditions } }];
    }
    case 'create':
      return [];
  }
}

/**
 * CRASH: between two batches the pods of the first are there, owned and in the status; the next look creates what is missing.
 */
async function create(job: Job, pods: readonly Pod[], context: Context): Promise<void> {
  let latest = job;
  let from = 0;
  for (const batch of slowStartBatches(pods.length)) {
    const status: JobStatus = { ...latest.status, active: (latest.status?.active ?? 0) + batch };
    const creates = pods.slice(from, from + batch).map((object): Operation => ({ op: 'create', object }));
    const guard = statusUpdate({ ...latest, status });
    const [updated, ...created] = await context.client.transact([guard, ...creates], context.caller);
    latest = current({ ...latest, status }, updated);
    from += batch;
    for (const pod of created) {
      const message = `Created pod: ${pod?.metadata.name}`;
      context.events.record(job, { type: 'Normal', reason: 'SuccessfulCreate', message });
    }
  }
}

function tellDeleted(job: Job, actions: readonly JobAction[], { events }: Context): void {
  for (const action of actions) {
    if (action.do !== 'take-away' && action.do !== 'stop') continue;
    const message = `Deleted pod: ${action.pod.metadata.name}`;
    events.record(job, { type: 'Normal', reason: 'SuccessfulDelete', message });
  }
}

/** `before` at the resourceVersion of what a write left. */
function current(before: Job, after: { readonly metadata: Job['metadata'] } | null | undefined): Job {
  return after === null || after === undefined ? before : { ...before, metadata: after.metadata };
}
