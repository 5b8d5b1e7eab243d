import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { GitRepository, Oid } from '../git/repository.ts';
import type { StandingTroubles } from './standing-troubles.ts';

export type WatchSourceOptions = {
  readonly repository: GitRepository;
  readonly branch: string;
  /** Ours: nobody means it when they name a branch that is not there. */
  readonly statusBranch: string;
  /** Whether a commit of this source was applied before. */
  readonly wasApplied: () => boolean;
  readonly pollIntervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly troubles: StandingTroubles;
  readonly onChange: () => void;
};

/**
 * Calls `onChange` when the branch has moved: a local repository is watched, a remote one is fetched every `pollIntervalMs`.
 * Calls it now and then whether it has or not, for watchers miss events on some file systems. A remote that is down, a repository that
 * is gone, a branch that is not there: each is a trouble while it lasts.
 */
export async function watchSource(options: WatchSourceOptions): Promise<{ close(): Promise<void> }> {
  const { repository, clock, log, troubles } = options;
  const intervalMs = repository.remote ? options.pollIntervalMs : timings.branchCheckMs;
  let timer: Timer | null = null;
  let closed = false;
  let looking: Promise<void> = Promise.resolve();
  let branchAsked = false;

  /** Where the branch was when `onChange` was last called; undefined: that is not known. */
  let seen: Oid | null | undefined;

  const guarded = async (work: () => Promise<Oid | null>): Promise<Oid | null | undefined> => {
    try {
      const found = await work();
      if (troubles.end('repository')) log.info('repository-back', { location: repository.location });
      return found;
    } catch (thrown) {
      if (!(thrown instanceof WorldError)) throw thrown;
      log.warn('fetch-failed', { code: thrown.code, message: messageOf(thrown) });
      troubles.begin('repository', { code: thrown.code, message: messageOf(thrown), retried: true });
      return undefined;
    }
  };
  const look = async (): Promise<void> => {
    seen = await guarded(async () => {
      await repository.fetch([options.branch]);
      return lookForBranch(options);
    });
    if (closed) return;
    options.onChange();
    timer = clock.setTimer(intervalMs, lookInTurn);
  };
  const lookInTurn = (): void => {
    looking = looking.then(look);
  };
  /** Some reference moved: ours, when we commit a status. */
  const lookWhetherMoved = async (): Promise<void> => {
    branchAsked = false;
    if (closed) return;
    const found = await guarded(() => lookForBranch(options));
    if (closed || (found !== undefined && found === seen)) return;
    seen = found;
    options.onChange();
  };
  const watch = await repository.watch(() => {
    if (branchAsked || closed) return;
    branchAsked = true;
    looking = looking.then(lookWhetherMoved);
  });
  lookInTurn();
  return {
    async close() {
      closed = true;
      timer?.cancel();
      await looking;
      await watch.close();
    },
  };
}

/** The branch's commit; null when there is none. A repository without any branch is a new one: a state, not a trouble. */
async function lookForBranch(options: WatchSourceOptions): Promise<Oid | null> {
  const { repository, branch, statusBranch, troubles } = options;
  const oid = await repository.resolve(`refs/heads/${branch}`);
  if (oid !== null) {
    troubles.end('branch');
    return oid;
  }
  const others = (await repository.branches()).filter((name) => name !== statusBranch && name !== branch);
  const applied = options.wasApplied();
  if (others.length === 0 && !applied) {
    troubles.end('branch');
    return null;
  }
  const stays = applied ? ' What was applied before stays as it is.' : '';
  const message = `There is no branch ${branch} in ${repository.location}; it has ${listed(others)}.${stays}`;
  troubles.begin('branch', { code: 'BRANCH_MISSING', message, retried: true });
  return null;
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'no other';
  const left = names.length - limits.branchesNamedMax;
  return `${names.slice(0, limits.branchesNamedMax).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}
