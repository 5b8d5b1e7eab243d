import { isApiError } from '../../api/api-error.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { containerFieldPath } from '../container/container-field-path.ts';
import type { Sandbox } from '../driver.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';
import { type ProbeBoard, probeBoard } from './probe-board.ts';
import type { ProbeTarget } from './probe-targets.ts';
import { timeoutMsOf } from './prober.ts';
import { type HandlerResult, runHandler } from './run-handler.ts';

/** What the probes of a pod look at while they run: both change under them. */
export type ProbedPod = { pod: Pod | null; sandbox: Sandbox | null };

/** The probe board of one pod, on its driver: a driver without a network answers probes itself. */
export function podProbes(edge: RuntimeEdge, probed: ProbedPod, onChange: () => void): ProbeBoard {
  const { driver, clock } = edge;
  const run = async ({ id, kind, spec, container }: ProbeTarget): Promise<HandlerResult> => {
    const { sandbox } = probed;
    if (sandbox === null) return { outcome: 'unknown', message: '' };
    if (driver.probe === undefined)
      return runHandler(spec, { id, container, sandbox }, timeoutMsOf(spec), edge);
    try {
      const passes = await driver.probe(id, kind);
      return { outcome: passes ? 'success' : 'failure', message: 'simulated' };
    } catch (failure) {
      if (!isApiError(failure) && !(failure instanceof WorldError)) throw failure;
      return { outcome: 'unknown', message: messageOf(failure) };
    }
  };
  return probeBoard({
    clock,
    run,
    onChange,
    onFailure({ kind, container }, message) {
      if (probed.pod === null) return;
      const word = `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
      const text = `${word} probe failed: ${message}`;
      const fieldPath = containerFieldPath(probed.pod, container.name);
      edge.events.record(probed.pod, { type: 'Warning', reason: 'Unhealthy', message: text, fieldPath });
    },
  });
}
