import { isApiError } from '../../api/api-error.ts';
import type { Operation } from '../../api/client.ts';
import { deepEqual } from '../../base/json.ts';
import { type ObjectRef, refOf } from '../../schema/object.ts';
import { controllerOf, isControlledBy } from '../../schema/owner.ts';
import type { CronJob, CronJobStatus, Job } from '../../schema/types.gen.ts';
import {
  againAt,
  type Context,
  type Controller,
  done,
  type Result,
  watching,
} from '../harness/controller.ts';
import { type CronJobAction, type CronJobDecision, decideCronJob } from './decide.ts';

const CRON_JOB = { group: 'batch', kind: 'CronJob' } as const;
const JOB = { group: 'batch', kind: 'Job' } as const;

/** Makes a Job of every CronJob whenever its schedule says so. */
export function cronJobController(): Controller {
  return {
    name: 'cronjob-controller',
    kind: CRON_JOB,
    watches: [
      watching<Job>(JOB, (job) => {
        const controller = controllerOf(job);
        if (controller?.kind !== CRON_JOB.kind) return [];
        return [`${job.metadata.namespace ?? ''}/${controller.name}`];
      }),
    ],
    reconcile,
  };
}

async function reconcile(ref: ObjectRef, context: Context): Promise<Result> {
  const cronJob = context.informers.of<CronJob>(CRON_JOB).get(ref);
  if (cronJob === undefined) return done;
  const jobs = context.informers.of<Job>(JOB);
  const isNameTaken = (name: string): boolean => {
    const job = jobs.get({ namespace: ref.namespace, name });
    return job !== undefined && !isControlledBy(job, cronJob);
  };
  const own = jobs.ownedBy(cronJob.metadata.uid ?? '');
  const decision = decideCronJob({ cronJob, jobs: own, isNameTaken }, context.now);
  const after = await keepUp(cronJob, decision, context);
  for (const note of decision.notes) context.events.record(cronJob, note);
  const run = decision.actions.find((action) => action.do === 'run');
  if (run === undefined) return againAt(decision.requeueAtMs);
  try {
    await begin(after, run, context);
  } catch (failure) {
    // The template is refused. Nothing we watch tells when it would not be.
    if (!isApiError(failure, 'Forbidden', 'Invalid', 'BadRequest')) throw failure;
    const message = `Error creating job: ${failure.message}`;
    context.events.record(cronJob, { type: 'Warning', reason: 'FailedCreate', message });
    return { is: 'retry' };
  }
  return againAt(decision.requeueAtMs);
}

/** The status carries the resourceVersion that was decided on: on a CronJob that has changed since, nothing is done. */
function guard(cronJob: CronJob, status: CronJobStatus): Operation {
  return { op: 'update', object: { ...cronJob, status }, subresource: 'status' };
}

/** Says how its Jobs fare and deletes what is not kept. The CronJob as it is then. */
async function keepUp(
  cronJob: CronJob,
  { actions, status }: CronJobDecision,
  { client, caller, events }: Context,
): Promise<CronJob> {
  const old = actions.flatMap((action) => (action.do === 'delete' ? [action.job] : []));
  if (old.length === 0 && deepEqual(status, cronJob.status ?? {})) return cronJob;
  const [updated] = await client.transact([guard(cronJob, status), ...old.map(removal)], caller);
  for (const { metadata } of old) {
    const message = `Deleted job ${metadata.name}`;
    events.record(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', message });
  }
  return updated === null || updated === undefined ? cronJob : { ...cronJob, metadata: updated.metadata };
}

/** CRASH: the Job and the time it is for are written together: the run is made and known, or neither. */
async function begin(
  cronJob: CronJob,
  run: CronJobAction & { readonly do: 'run' },
  { client, caller, events }: Context,
): Promise<void> {
  const { job, replaces, status } = run;
  const operations = [
    guard(cronJob, status),
    ...replaces.map(removal),
    { op: 'create', object: job } as const,
  ];
  await client.transact(operations, caller);
  for (const { metadata } of replaces) {
    const message = `Deleted job ${metadata.name}`;
    events.record(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', message });
  }
  const message = `Created job ${job.metadata.name}`;
  events.record(cronJob, { type: 'Normal', reason: 'SuccessfulCreate', message });
}

function removal(job: Job): Operation {
  const { uid = '' } = job.metadata;
  return { op: 'delete', ref: refOf(job), options: { propagation: 'Background', preconditions: { uid } } };
}
