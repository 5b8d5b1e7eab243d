import type { Clock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { timings } from '../base/limits.ts';
import type { Environment } from './git-environment.ts';
import { GitProcesses } from './git-process.ts';

/** fetch --stdin and --no-write-fetch-head are of 2.29; configuration through the environment is of 2.31. */
const LEAST: readonly [number, number] = [2, 31];

/** Whether the machine has a git that the git engine can use. */
export async function hasUsableGit(options: {
  readonly environment: Environment;
  readonly clock: Clock;
}): Promise<boolean> {
  const processes = new GitProcesses({
    location: 'git',
    gitDirectory: '/nonexistent',
    owner: null,
    ...options,
  });
  try {
    const result = await processes.run({ arguments: ['version'], timeoutMs: timings.gitReadTimeoutMs });
    const match = /^git version (\d+)\.(\d+)/.exec(result.output.toString('utf8'));
    const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
    return result.exitCode === 0 && (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]));
  } catch (thrown) {
    if (thrown instanceof UserError && thrown.code === 'GIT_NOT_INSTALLED') return false;
    throw thrown;
  }
}
