import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { codeOf, UserError, WorldError } from '../lib/base/errors.ts';

const execute = promisify(execFile);

/** Who commits where nobody has told git who they are. */
export const PLACEHOLDER_USER = { name: 'You', email: 'you@example.com' } as const;
const IDENTITY = {
  GIT_AUTHOR_NAME: PLACEHOLDER_USER.name,
  GIT_AUTHOR_EMAIL: PLACEHOLDER_USER.email,
  GIT_COMMITTER_NAME: PLACEHOLDER_USER.name,
  GIT_COMMITTER_EMAIL: PLACEHOLDER_USER.email,
};

/** Whether git has been told, in its configuration, who commits in a directory. */
export function gitKnowsUser(cwd: string): Promise<boolean> {
  return execute('git', ['config', 'user.email'], { cwd }).then(
    () => true,
    () => false,
  );
}

/** Runs the user's own git, with the user's own configuration, in a directory of the user's. UserError GIT_NOT_INSTALLED. */
export async function runGit(args: readonly string[], cwd: string): Promise<string> {
  try {
    const known = await gitKnowsUser(cwd);
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
