import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Fixed, so that equal contents give equal commits. */
const START_SECONDS = 1_700_000_000;

/** A repository on disk that a test works on as a user would: with the `git` program. */
export type TemporaryRepository = {
  /** The working tree, or the repository itself when it is bare. */
  readonly path: string;
  readonly gitDirectory: string;
  /** Runs git here; the output without its last newline. */
  git(...words: readonly string[]): Promise<string>;
  /** Writes, removes (null) and commits files; the commit. Not for bare repositories. */
  commit(files: Readonly<Record<string, string | Uint8Array | null>>, message?: string): Promise<string>;
};

const environment = (atSeconds: number): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: `${atSeconds} +0100`,
  GIT_COMMITTER_NAME: 'Grace',
  GIT_COMMITTER_EMAIL: 'grace@example.com',
  GIT_COMMITTER_DATE: `${atSeconds} +0000`,
});

/** Makes a repository at `path` whose branch is main. The directory is the caller's to remove. */
export async function temporaryRepository(
  path: string,
  options: { readonly bare?: boolean; readonly initWith?: readonly string[] } = {},
): Promise<TemporaryRepository> {
  const bare = options.bare ?? false;
  await mkdir(path, { recursive: true });
  const repository = openTemporary(path, bare);
  const kind = bare ? ['--bare'] : [];
  await repository.git('init', '-q', '-b', 'main', ...kind, ...(options.initWith ?? []));
  return repository;
}

function openTemporary(path: string, bare: boolean): TemporaryRepository {
  let commits = 0;
  const git = async (...words: readonly string[]): Promise<string> => {
    const settings = { cwd: path, env: environment(START_SECONDS + commits), maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await run('git', ['-c', 'protocol.file.allow=always', ...words], settings);
    return stdout.replace(/\n$/, '');
  };
  return {
    path,
    gitDirectory: bare ? path : join(path, '.git'),
    git,
    async commit(files, message = 'Change') {
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        if (content === null) await rm(file, { recursive: true });
        else {
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, content);
        }
      }
      commits += 1;
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}
