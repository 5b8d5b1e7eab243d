import { spawn } from 'node:child_process';
import { drained } from '../../../base/drained.ts';
import { codeOf } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';

/** A GNU tar that writes what it is given below one directory. */
export type TarChild = {
  write(bytes: Buffer): Promise<void>;
  /** Resolves when all of it is written. ImageError IMAGE_DISK, IMAGE_INVALID. */
  end(): Promise<void>;
  kill(): Promise<void>;
};

/**
 * Node can make no devices and set no extended attributes, which whiteouts are; GNU tar can, and keeps owners, setuid bits and times.
 * It gets names that are resolved already, below the directory and through no link. So it is told to take names as they are: its own
 * guard puts links in their places at the end, over files that took those places since.
 */
export function tarChild(directory: string): TarChild {
  const words = [
    '--extract',
    '--file=-',
    `--directory=${directory}`,
    '--numeric-owner',
    '--same-owner',
    '--preserve-permissions',
  ];
  const more = [
    '--xattrs',
    '--xattrs-include=*',
    '--no-selinux',
    '--delay-directory-restore',
    '--absolute-names',
    '--warning=no-timestamp',
  ];
  const child = spawn('tar', [...words, ...more, '--blocking-factor=128'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    cwd: '/',
  });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    if (said.length < limits.imageWordsCharsMax) said += text.slice(0, limits.imageWordsCharsMax);
  });
  // It ends when it can write no more; its exit tells why.
  child.stdin.on('error', () => undefined);
  const over = new Promise<ImageError | null>((resolve) => {
    child.once('error', (thrown) => {
      const missing = codeOf(thrown) === 'ENOENT';
      resolve(
        new ImageError('IMAGE_DISK', missing ? 'GNU tar is not installed' : `tar: ${thrown.message}`, thrown),
      );
    });
    child.once('close', (exitCode, signal) =>
      resolve(exitCode === 0 ? null : failureOf(said, exitCode ?? signal)),
    );
  });
  return {
    async write(bytes) {
      if (child.stdin.destroyed) throw (await over) ?? new ImageError('IMAGE_DISK', 'tar ended too early');
      if (!child.stdin.write(bytes)) await drained(child.stdin);
    },
    async end() {
      child.stdin.end();
      const failure = await over;
      if (failure !== null) throw failure;
    },
    async kill() {
      child.kill('SIGKILL');
      await over;
    },
  };
}

function failureOf(said: string, ended: number | string | null): ImageError {
  const words =
    said
      .trim()
      .replace(/[^\x20-\x7e]+/g, ' ')
      .slice(0, limits.imageWordsCharsMax) || `ended with ${ended}`;
  if (/No space left|Disk quota/.test(said))
    return new ImageError('IMAGE_DISK', 'no space is left on the disk of images');
  if (/unrecognized option/.test(said))
    return new ImageError('IMAGE_DISK', 'the tar of this machine is not GNU tar, which images need');
  return new ImageError('IMAGE_INVALID', `a layer cannot be written: ${words}`);
}
