import { limits } from '../../base/limits.ts';
import type { Container } from '../../schema/types.gen.ts';
import type { ContainerId, ContainerRecord, PodDriver } from '../driver.ts';
import { TERMINATION_LOG } from './container-spec.ts';

/**
 * The last words of an ended run: its termination message file, or, where the policy says so and it failed without one, the
 * tail of its log.
 */
export async function terminationMessage(
  driver: PodDriver,
  container: Container,
  record: ContainerRecord,
): Promise<string> {
  const path = container.terminationMessagePath || TERMINATION_LOG;
  const bytesMax = limits.terminationMessageBytesMax;
  const message = await driver.terminationMessage(record.id, path, bytesMax);
  const failed = record.state.phase === 'exited' && record.state.exitCode !== 0;
  if (message !== '' || !failed || container.terminationMessagePolicy !== 'FallbackToLogsOnError') {
    return message;
  }
  return logTail(driver, record.id);
}

async function logTail(driver: PodDriver, id: ContainerId): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of driver.logs(id, { tailLines: limits.fallbackLogLinesMax })) {
    chunks.push(chunk);
    bytes += chunk.length;
    // Only the last bytes count; what is far behind them is let go.
    while (chunks.length > 1 && bytes - (chunks[0]?.length ?? 0) >= limits.fallbackLogBytesMax) {
      bytes -= chunks.shift()?.length ?? 0;
    }
  }
  return Buffer.concat(chunks).subarray(-limits.fallbackLogBytesMax).toString('utf8');
}
