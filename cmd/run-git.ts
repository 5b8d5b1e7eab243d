import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { codeOf, UserError, WorldError } from '../lib/base/errors.ts';

const execute = promisify(execFile);

/** Who commits where nobody has told git who they are. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'You',
  GIT_AUTHOR_EMAIL: 'you@example.com',
  GIT_COMMITTER_NAME: 'You',
  GIT_COMMITTER_EMAIL: 'you@example.com',
};

/** Runs the user's own git, with the user's own configuration, in a directory of the user's. UserError GIT_NOT_INSTALLED. */
export async function runGit(args: readonly string[], cwd: string): Promise<string> {
  try {
    const known = await execute('git', ['config', 'user.email'], { cwd }).then(
      () => true,
      () => false,
    );
    const { stdout } = await execute('git', [...args], {
      cwd,
      env: known ? process.env : { ...process.env, ...IDENTITY },
    });
    return stdout;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') throw new UserError('GIT_NOT_INSTALLED', 'git is not installed');
    throw new WorldError(
      'GIT_FAILED',
      `git ${args[0] ?? ''} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      {},
      thrown,
    );
  }
}
