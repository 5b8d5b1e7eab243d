import type { EpochMs } from '../../base/clock.ts';
import type { Container, Probe } from '../../schema/types.gen.ts';
import type { ContainerId } from '../driver.ts';
import { containerIdText, startedAtOf, statusOfContainer } from '../pod/container-run.ts';
import { containerViews } from '../pod/container-view.ts';
import { endOf } from '../pod/pod-end.ts';
import type { PodState, ProbeKind, ProbeResult } from '../pod/pod-state.ts';

/** One probe that ought to be running now. */
export type ProbeTarget = {
  readonly id: ContainerId;
  readonly kind: ProbeKind;
  readonly spec: Probe;
  readonly container: Container;
  readonly startedAtMs: EpochMs;
};

/**
 * The probes a pod wants now: the startup probe alone until it has passed, then liveness and readiness. A container that is
 * being stopped keeps only its readiness probe. Source: kubelet prober manager.
 */
export function probeTargets(state: PodState, now: EpochMs): readonly ProbeTarget[] {
  const views = containerViews(state);
  const ending = endOf(state, views, now) !== null;
  return views.flatMap(({ current, running, hooking, started, spec, role }): readonly ProbeTarget[] => {
    if (current === null || !running || hooking || role === 'init') return [];
    const stopping = ending || state.memory.stops.has(current.id);
    const target = (kind: ProbeKind, probe: Probe | undefined): readonly ProbeTarget[] =>
      probe === undefined
        ? []
        : [{ id: current.id, kind, spec: probe, container: spec, startedAtMs: startedAtOf(current) }];
    if (!started) return stopping ? [] : target('startup', spec.startupProbe);
    return [
      ...(stopping ? [] : target('liveness', spec.livenessProbe)),
      ...target('readiness', spec.readinessProbe),
    ];
  });
}

/** What an earlier daemon published of a run, as the pod's status shows it: adopting a run changes nothing. */
export function publishedResults(
  pod: PodState['pod'],
  run: { readonly id: ContainerId; readonly container: string },
): Partial<Record<ProbeKind, ProbeResult>> {
  const status = statusOfContainer(pod, run.container);
  if (status?.containerID !== containerIdText(run.id) || status.state?.running === undefined) return {};
  return {
    ...(status.started === true ? { startup: 'success' } : {}),
    ...(status.ready ? { readiness: 'success' } : {}),
  };
}
