import { limits } from '../../base/limits.ts';
import type { Container, Pod } from '../../schema/types.gen.ts';
import type { ContainerId, ContainerRecord, PodDriver } from '../driver.ts';
import { TERMINATION_LOG } from './container-spec.ts';

/**
 * The last words of an ended run: its termination message file, or, where the policy says so and it failed without one, the
 * tail of its log. All containers of a pod share what one pod may say.
 */
export async function terminationMessage(
  driver: Pick<PodDriver, 'terminationMessage' | 'logs'>,
  run: { readonly pod: Pick<Pod, 'spec'>; readonly container: Container; readonly record: ContainerRecord },
): Promise<string> {
  const { pod, container, record } = run;
  const path = container.terminationMessagePath || TERMINATION_LOG;
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const share =
    limits.podTerminationMessageBytesMax /
    (containers.length + initContainers.length + ephemeralContainers.length);
  const bytesMax = Math.min(limits.terminationMessageBytesMax, Math.trunc(share));
  const message = await driver.terminationMessage(record.id, path, bytesMax);
  const failed = record.state.phase === 'exited' && record.state.exitCode !== 0;
  if (message !== '' || !failed || container.terminationMessagePolicy !== 'FallbackToLogsOnError') {
    return message;
  }
  return logTail(driver, record.id, Math.min(bytesMax, limits.fallbackLogBytesMax));
}

async function logTail(driver: Pick<PodDriver, 'logs'>, id: ContainerId, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of driver.logs(id, { tailLines: limits.fallbackLogLinesMax })) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Only the last bytes count; what is far behind them is let go.
    while (chunks.length > 1 && bytes - (chunks[0]?.length ?? 0) >= bytesMax) {
      bytes -= chunks.shift()?.length ?? 0;
    }
  }
  return Buffer.concat(chunks).subarray(-bytesMax).toString('utf8');
}
