import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { codeOf, WorldError } from './errors.ts';

/**
 * Removes a directory in which somebody else made what is there: of any depth (Node opens one descriptor a level), of any size
 * without holding this process up, following no link that is put there meanwhile. Nothing where there is nothing.
 * Throws WorldError DIRECTORY_REMAINS.
 */
export function removeTree(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('rm', ['-rf', '--', path], { cwd: '/', detached: true, stdio: 'ignore' });
    child.once('error', (thrown) => {
      if (codeOf(thrown) !== 'ENOENT') reject(remains(path, thrown));
      else rm(path, { recursive: true, force: true }).then(resolve, (cause) => reject(remains(path, cause)));
    });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(remains(path))));
  });
}

function remains(path: string, cause?: unknown): WorldError {
  return new WorldError('DIRECTORY_REMAINS', `${path} cannot be removed`, { path }, cause);
}
