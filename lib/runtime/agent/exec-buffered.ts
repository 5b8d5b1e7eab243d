import { Writable } from 'node:stream';
import type { ExecSession } from '../../api/node-agent.ts';
import type { Clock } from '../../base/clock.ts';
import type { ExecRequest, ExecResult } from '../driver.ts';
import type { ExecStreams } from './exec-client.ts';

/** Runs a command to its end, or to its time-out, and keeps the beginning of what it wrote (both streams as they came). */
export async function execBuffered(
  start: (streams: ExecStreams) => Promise<ExecSession>,
  request: ExecRequest,
  clock: Clock,
): Promise<ExecResult> {
  const chunks: Buffer[] = [];
  let leftBytes = request.outputBytesMax;
  const collect = (): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        const kept = chunk.subarray(0, leftBytes);
        leftBytes -= kept.length;
        if (kept.length > 0) chunks.push(kept);
        done();
      },
    });
  const session = await start({ stdout: collect(), stderr: collect() });
  const { promise: late, resolve: fire } = Promise.withResolvers<'late'>();
  const timer = clock.setTimer(request.timeoutMs, () => fire('late'));
  const first = await Promise.race([session.exited, late]);
  timer.cancel();
  if (first === 'late') session.kill();
  const exitCode = first === 'late' ? null : first;
  return { exitCode, timedOut: first === 'late', output: Buffer.concat(chunks).toString('utf8') };
}
