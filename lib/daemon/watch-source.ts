import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Trouble } from './control-protocol.ts';

/**
 * Calls `onChange` when the branch may have moved: a local repository is watched (and looked at now and then, for watchers
 * miss events on some file systems), a remote one is fetched every `pollIntervalMs`. A remote that is down is told once.
 */
export async function watchSource(options: {
  readonly repository: GitRepository;
  readonly branch: string;
  readonly pollIntervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
  readonly onTrouble: (trouble: Trouble) => void;
}): Promise<{ close(): Promise<void> }> {
  const { repository, clock, log } = options;
  const intervalMs = repository.remote ? options.pollIntervalMs : timings.branchCheckMs;
  let timer: Timer | null = null;
  let closed = false;
  let down = false;
  let looking: Promise<void> = Promise.resolve();

  const fetch = async (): Promise<void> => {
    try {
      await repository.fetch([options.branch]);
      if (down) log.info('remote-back', { location: repository.location });
      down = false;
    } catch (thrown) {
      if (!(thrown instanceof WorldError)) throw thrown;
      log.warn('fetch-failed', { code: thrown.code, message: messageOf(thrown) });
      if (!down) options.onTrouble({ code: thrown.code, message: messageOf(thrown), retried: true });
      down = true;
    }
  };
  const look = (): void => {
    looking = fetch().then(() => {
      if (closed) return;
      options.onChange();
      timer = clock.setTimer(intervalMs, look);
    });
  };
  const watch = await repository.watch(options.onChange);
  look();
  return {
    async close() {
      closed = true;
      timer?.cancel();
      await looking;
      await watch.close();
    },
  };
}
