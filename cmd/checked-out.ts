import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { locateRepository } from '../lib/git/locate-repository.ts';

/** The working trees, of a repository on this machine, in which a branch is checked out: its files do not move with it. */
export async function checkedOutIn(location: string, branch: string): Promise<readonly string[]> {
  if (!existsSync(location)) return [];
  const { commonDirectory } = await locateRepository(location);
  const own =
    basename(commonDirectory) === '.git' ? [[commonDirectory, dirname(commonDirectory)] as const] : [];
  return [...own, ...linkedWorktrees(commonDirectory)].flatMap(([gitDirectory, worktree]) =>
    textOf(join(gitDirectory, 'HEAD')) === `ref: refs/heads/${branch}` ? [worktree] : [],
  );
}

/** Of each: its git directory, and where its files are. */
function linkedWorktrees(commonDirectory: string): readonly (readonly [string, string])[] {
  const directory = join(commonDirectory, 'worktrees');
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => {
    const dotGit = textOf(join(directory, name, 'gitdir'));
    return dotGit === '' ? [] : [[join(directory, name), dirname(dotGit)] as const];
  });
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}

/**
 * What to tell of a commit that was made under a working tree: without more, its files look like changes that undo the commit.
 * Reading both trees moves what the commit changed and keeps the user's own changes.
 */
export function behindText(
  worktree: string,
  moved: { readonly from: string; readonly to: string; readonly branch: string },
): string {
  return [
    `${moved.branch} is checked out in ${worktree}, whose files are still those of before. To bring them up to date:`,
    `  git -C ${shellWord(worktree)} read-tree -m -u ${moved.from} ${moved.to}`,
    '',
  ].join('\n');
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
