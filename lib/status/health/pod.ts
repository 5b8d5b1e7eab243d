import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { UNBOUND_CLAIMS } from '../../schema/pod-conditions.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { type ConditionFacts, conditionFacts, numberOf, specOf, statusOf } from './status-fields.ts';

/** Waiting reasons that do not pass by themselves. */
const BAD_WAITS: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

export function podHealth(pod: KubeObject): Health {
  const { phase } = statusOf(pod);
  if (phase === 'Succeeded') return { ...healthy, reason: 'Completed' };
  if (phase === 'Failed') return degraded(textOf(statusOf(pod).reason, 'Failed'), failureOf(pod));
  const trouble = podTrouble(pod);
  if (trouble !== null) return degraded(trouble.reason, trouble.message);
  const unplaced = unplacedHealth(pod);
  if (unplaced !== null) return unplaced;
  const ready = conditionFacts(pod, 'Ready');
  if (ready?.status === 'True') return healthy;
  const once = specOf(pod).restartPolicy !== 'Always';
  if (phase === 'Running' && once) return progressing('Running', 'it runs to its end');
  return progressing(ready?.reason ?? 'Pending', ready?.message ?? 'it has not started');
}

/** Of a pod that no node was found for; null: there is one, or nobody has looked yet. */
export function unplacedHealth(pod: KubeObject): Health | null {
  const scheduled = conditionFacts(pod, 'PodScheduled');
  if (scheduled?.status !== 'False') return null;
  // Somebody set a gate and will lift it.
  if (scheduled.reason === 'SchedulingGated') return { state: 'Suspended', ...textsOf(scheduled) };
  // Its claims have a health of their own.
  const state = scheduled.message.includes(UNBOUND_CLAIMS) ? 'Progressing' : 'Degraded';
  return { state, ...textsOf(scheduled) };
}

/** The first container that waits for something only a change can mend; null when none does. */
export function podTrouble(pod: KubeObject): { readonly reason: string; readonly message: string } | null {
  for (const status of containerStatuses(pod)) {
    const waiting = isObject(status.state) ? status.state.waiting : undefined;
    if (!isObject(waiting) || typeof waiting.reason !== 'string' || !BAD_WAITS.has(waiting.reason)) continue;
    const restarts = numberOf(status.restartCount, 0);
    const times = restarts > 0 ? `, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}` : '';
    // A back-off says nothing of what went wrong: the run before it does.
    const before = waiting.reason === 'CrashLoopBackOff' ? lastEnd(status) : '';
    // The container and the pod are named beside it.
    const wait = textOf(waiting.message, waiting.reason).replace(/ restarting failed container=.*$/s, '');
    const message = `${before}${wait}${times}`;
    return { reason: waiting.reason, message: `container ${textOf(status.name, '?')}: ${message}` };
  }
  return null;
}

/**
 * How a container's last run ended, to be put in front of what came of it; '' when nobody knows. Never what the program
 * itself said: this goes into commits.
 */
function lastEnd({ lastState }: JsonObject): string {
  const ended = isObject(lastState) ? lastState.terminated : undefined;
  if (!isObject(ended)) return '';
  if (ended.reason === 'ContainerCannotRun') return `${textOf(ended.message, 'it cannot be started')}; `;
  return `it ended with exit code ${String(ended.exitCode)}; `;
}

function failureOf(pod: KubeObject): string {
  const { message } = statusOf(pod);
  if (typeof message === 'string' && message !== '') return message;
  for (const status of containerStatuses(pod)) {
    const ended = isObject(status.state) ? status.state.terminated : undefined;
    if (isObject(ended) && ended.exitCode !== 0)
      return `container ${textOf(status.name, '?')} ended with exit code ${String(ended.exitCode)}`;
  }
  return 'the pod failed';
}

function containerStatuses(pod: KubeObject): readonly JsonObject[] {
  const { initContainerStatuses, containerStatuses: main } = statusOf(pod);
  return [initContainerStatuses, main].flatMap((list) => (isArray(list) ? list.filter(isObject) : []));
}

function textsOf({ reason, message }: ConditionFacts): Pick<Health, 'reason' | 'message'> {
  return { reason, message };
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
