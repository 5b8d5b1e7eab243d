import { spawn } from 'node:child_process';
import type { Clock } from '../../../base/clock.ts';
import { entryPoint } from '../../../base/entry-points.ts';
import { messageOf } from '../../../base/errors.ts';
import { limits, timings } from '../../../base/limits.ts';
import { ImageError, isImageErrorCode } from '../image-error.ts';
import type { FromWorker, ImageJob, StoreAnswer, StoreQuestion, ToWorker } from './image-job.ts';

/**
 * Does a job in a process of its own: hashing and unpacking would hold this one up, and what an image does to a parser ends there.
 * Resolves when all of it is done. ImageError.
 */
export function runImageJob(
  job: ImageJob,
  {
    clock,
    answer,
    signal,
  }: {
    readonly clock: Clock;
    readonly answer: (question: StoreQuestion) => Promise<StoreAnswer>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const program = entryPoint('image-work');
  return new Promise((resolve, reject) => {
    // The machine's own authorities are trusted too: private registries have theirs there. Detached: it is ended with what it started.
    const child = spawn(
      program.execPath,
      ['--use-system-ca', '--disable-warning=ExperimentalWarning', ...program.args],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        env: { ...process.env, NODE_USE_ENV_PROXY: '1' },
        cwd: '/',
        detached: true,
      },
    );
    let outcome: FromWorker | null = null;
    let said = '';
    const kill = (why: string): void => {
      outcome ??= { type: 'failed', code: 'IMAGE_UNREACHABLE', message: why };
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const onAbort = (): void => kill('the store of images is closed');
    const timer = clock.setTimer(timings.imagePullMs, () =>
      kill(`it took longer than ${timings.imagePullMs / 60_000} minutes`),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    const send = (message: ToWorker): void => {
      if (child.connected) child.send(message, () => undefined);
    };
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => {
      said = `${said}${text}`.slice(-limits.imageWordsCharsMax);
    });
    child.on('message', (message: FromWorker) => {
      if (message.type !== 'question') {
        outcome ??= message;
        return;
      }
      const { id, question } = message;
      answer(question).then(
        (given) => send({ type: 'answer', id, answer: given }),
        (thrown: unknown) => kill(messageOf(thrown)),
      );
    });
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
    };
    child.once('error', (thrown) => {
      settle();
      reject(new ImageError('IMAGE_DISK', `images cannot be worked on: ${thrown.message}`, thrown));
    });
    child.once('close', (exitCode, ended) => {
      settle();
      if (outcome?.type === 'done') return resolve();
      if (outcome?.type === 'failed')
        return reject(
          new ImageError(isImageErrorCode(outcome.code) ? outcome.code : 'IMAGE_INVALID', outcome.message),
        );
      reject(
        new ImageError(
          'IMAGE_DISK',
          `the process that works on images ended with ${exitCode ?? ended}: ${said.trim()}`,
        ),
      );
    });
    if (signal.aborted) onAbort();
    send({ type: 'job', job });
  });
}
