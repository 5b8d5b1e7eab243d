import { type DurationMs, secondMs } from '../../base/clock.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits, timings } from '../../base/limits.ts';
import type { KubeObject } from '../../schema/object.ts';
import { specOf } from '../../status/health/status-fields.ts';

/**
 * How long nothing may happen in a rollout before it has come to a stop: longer than anything that these objects make it wait for (probes,
 * minReadySeconds, grace periods, hooks, progress deadlines), at most `simulationSpanMaxMs`.
 */
export function quietSpan(objects: Iterable<KubeObject>): DurationMs {
  let [longestMs, deadlineMs] = [0, 0];
  for (const object of objects) {
    const spec = specOf(object);
    const template = isObject(spec.template) ? spec.template : undefined;
    const podSpec = object.kind === 'Pod' ? spec : isObject(template?.spec) ? template.spec : {};
    longestMs = Math.max(longestMs, secondsOf(spec.minReadySeconds) + paceOf(podSpec));
    deadlineMs = Math.max(
      deadlineMs,
      secondsOf(spec.progressDeadlineSeconds),
      secondsOf(spec.activeDeadlineSeconds),
    );
  }
  return Math.min(limits.simulationSpanMaxMs, timings.simulationQuietMs + longestMs + deadlineMs);
}

/** From a pod's start to its readiness at the latest, were its programs well, and its end. */
function paceOf(spec: JsonObject): DurationMs {
  const lists = [spec.initContainers, spec.containers].flatMap((list) =>
    isArray(list) ? list.filter(isObject) : [],
  );
  const probesMs = lists.reduce(
    (sum, { startupProbe, readinessProbe }) => sum + probeMs(startupProbe) + probeMs(readinessProbe),
    0,
  );
  return probesMs + secondsOf(spec.terminationGracePeriodSeconds);
}

function probeMs(probe: JsonValue | undefined): DurationMs {
  if (!isObject(probe)) return 0;
  const { initialDelaySeconds, periodSeconds = 10, successThreshold = 1 } = probe;
  return secondsOf(initialDelaySeconds) + secondsOf(periodSeconds) * (Number(successThreshold) || 1);
}

function secondsOf(value: JsonValue | undefined): DurationMs {
  return typeof value === 'number' && value > 0 ? value * secondMs : 0;
}
