import type { Clock, EpochMs, Timer } from '../base/clock.ts';
import { codeOf, messageOf, UserError, WorldError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { nextTurn } from '../base/turn.ts';
import { trailerOf } from '../git/commit-message.ts';
import type { FileChange, GitRepository, Oid } from '../git/repository.ts';
import { statusCommitMessage, statusTrailers } from '../status/commit-message.ts';
import type { StatusReport } from '../status/report.ts';
import {
  decideStatusChange,
  type StatusChange,
  type StatusTree,
  statusTreeOf,
} from '../status/status-commit.ts';
import type { StandingTroubles } from './standing-troubles.ts';

export type StatusWriter = {
  /** Takes note of a report; commits it soon when it is worth one. Never waits, never throws. */
  offer(report: StatusReport): void;
  /** Nothing is being written and nothing waits to be. */
  idle(): boolean;
  /** Writes what waits, once, and ends. */
  stop(): Promise<void>;
};

export type StatusWriterOptions = {
  readonly repository: GitRepository;
  readonly branch: string;
  /** This installation: the branch of another one is left alone. */
  readonly instance: string;
  /** Take the branch over from another instance. */
  readonly takeOver: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly troubles: StandingTroubles;
};

/**
 * Writes reports to the status branch: one writer, at most one commit in `statusCommitIntervalMs`, none when nothing worth
 * one changed. Reconciling never waits for it; a remote that is down delays it and nothing else.
 */
export function statusWriter(options: StatusWriterOptions): StatusWriter {
  const { clock, log } = options;
  let latest: StatusReport | null = null;
  let written: StatusTree | null = null;
  let head: Oid | null | undefined;
  let lastAtMs: EpochMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let timer: Timer | null = null;
  let writing: Promise<void> | null = null;
  let refused = false;
  let stopped = false;

  const schedule = (): void => {
    if (timer !== null || writing !== null || stopped || refused || latest === null) return;
    if (written !== null && statusTreeOf(latest).digest === written.digest) return;
    const backOffMs =
      failures === 0
        ? timings.statusCommitIntervalMs
        : Math.min(timings.passRetryMinMs * 2 ** failures, timings.passRetryMaxMs);
    const delayMs = Math.max(timings.passDelayMs, lastAtMs + backOffMs - clock.now());
    timer = clock.setTimer(delayMs, () => {
      timer = null;
      write();
    });
  };
  const write = (): void => {
    writing = writeOnce()
      .then(() => {
        failures = 0;
        options.troubles.end('status-branch');
      })
      .catch((thrown: unknown) => {
        failures += 1;
        // A push whose answer was lost may have gone through: what the branch shows is looked at again.
        head = undefined;
        written = null;
        const code = codeOf(thrown) ?? 'STATUS_FAILED';
        if (thrown instanceof UserError) refused = true;
        else if (!(thrown instanceof WorldError)) throw thrown;
        log.warn('status-commit-failed', { code, message: messageOf(thrown) });
        options.troubles.begin('status-branch', { code, message: messageOf(thrown), retried: !refused });
      })
      .finally(() => {
        lastAtMs = clock.now();
        writing = null;
        schedule();
      });
  };
  const writeOnce = async (): Promise<void> => {
    for (let attempt = 0; attempt < limits.statusPublishAttemptsMax; attempt += 1) {
      const report = latest;
      if (report === null) return;
      if (head === undefined) {
        const found = await findBranch(options);
        head = found.head;
        // The tree on the branch is of unknown content unless it shows this very report.
        written = found.digest === statusTreeOf(report).digest ? statusTreeOf(report) : null;
      }
      const change = decideStatusChange(report, written);
      if (change === null) return;
      const message = statusCommitMessage({
        report,
        changed: change.changed,
        instance: options.instance,
        digest: change.tree.digest,
      });
      const oid = await options.repository.writeCommit({
        parents: head === null ? [] : [head],
        baseCommit: written === null ? null : head,
        changes: await changesOf(change),
        message,
        author: { name: 'Pintle', email: 'pintle@localhost', atMs: clock.now() },
      });
      // CRASH: the commit is an unreachable object until published; git collects it.
      if ((await options.repository.publish(options.branch, oid, head)) === 'published') {
        head = oid;
        written = change.tree;
        return;
      }
      head = undefined;
    }
    throw new WorldError('STATUS_RACED', `others keep moving ${options.branch}`);
  };

  return {
    offer(report) {
      latest = report;
      schedule();
    },
    idle: () => timer === null && writing === null,
    async stop() {
      stopped = true;
      timer?.cancel();
      timer = null;
      if (writing !== null) await writing;
      if (!refused)
        await writeOnce().catch((thrown: unknown) =>
          log.warn('status-commit-failed', { message: messageOf(thrown) }),
        );
    },
  };
}

/** Renders the files, a few at a stretch: reconciling goes on meanwhile. */
async function changesOf({ files }: StatusChange): Promise<readonly FileChange[]> {
  const changes: FileChange[] = [];
  for (const { path, text } of files) {
    changes.push({ path, bytes: text === null ? null : Buffer.from(text) });
    if (changes.length % limits.statusFilesPerTurn === 0) await nextTurn();
  }
  return changes;
}

/** The branch's tip and the digest it shows. Throws UserError FOREIGN_STATUS_BRANCH when somebody else writes it. */
async function findBranch(
  options: StatusWriterOptions,
): Promise<{ readonly head: Oid | null; readonly digest: string | null }> {
  const { repository, branch } = options;
  await repository.fetch([branch]);
  const head = await repository.resolve(`refs/heads/${branch}`);
  if (head === null) return { head: null, digest: null };
  const { message } = await repository.commit(head);
  const owner = trailerOf(message, statusTrailers.instance);
  if (owner !== options.instance && !options.takeOver) {
    throw new UserError(
      'FOREIGN_STATUS_BRANCH',
      `${branch} is written by ${owner === null ? 'somebody else' : `another Pintle (${owner})`}; choose another with --status-branch, or take it over with --take-over-status`,
      { branch, owner },
    );
  }
  // A branch that is taken over is written at once, whatever it shows: the commit says whose it is now.
  return { head, digest: owner === options.instance ? trailerOf(message, statusTrailers.digest) : null };
}
