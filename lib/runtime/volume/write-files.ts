import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { WorldError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { VolumeContent } from '../driver.ts';
import { linkTarget } from './link-target.ts';

/** Who files of a volume belong to; null: us. */
export type FileOwner = { readonly uid: number; readonly gid: number } | null;

type Files = Extract<VolumeContent, { kind: 'files' }>['files'];

const DATA = '..data';

/**
 * The kubelet's way: the files lie in a directory of their own, `..data` points to it and is switched by one rename, and each name
 * in the volume is a link through `..data`. The directories are not the pod's: it could else lead our next write elsewhere.
 * CRASH: until the rename the old content stands; what is left over goes with the next write.
 */
export function writeFiles(path: string, files: Files, owner: FileOwner): void {
  checkFiles(files);
  mkdirSync(path, { recursive: true, mode: 0o755 });
  chmodSync(path, 0o755);
  const versions = readdirSync(path).flatMap((name) => /^\.\.v([1-9]\d{0,11})$/.exec(name)?.[1] ?? []);
  const version = `..v${Math.max(0, ...versions.map(Number)) + 1}`;
  for (const file of files) writeFile(join(path, version), file, owner);
  mkdirSync(join(path, version), { recursive: true, mode: 0o755 });
  rmSync(join(path, `${DATA}.next`), { force: true });
  symlinkSync(version, join(path, `${DATA}.next`));
  renameSync(join(path, `${DATA}.next`), join(path, DATA));
  linkNames(path, new Set(files.map((file) => file.path.split('/')[0] ?? '')));
  for (const old of versions) rmSync(join(path, `..v${old}`), { recursive: true, force: true });
}

function writeFile(directory: string, file: Files[number], owner: FileOwner): void {
  const path = join(directory, file.path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, file.bytes, { mode: 0o600 });
  // The owner's bits of the mode have to mean the pod.
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
  chmodSync(path, file.mode & 0o777);
}

function linkNames(path: string, names: ReadonlySet<string>): void {
  for (const name of readdirSync(path)) {
    if (!name.startsWith('..') && !names.has(name)) rmSync(join(path, name), { force: true });
  }
  for (const name of names) {
    if (linkTarget(join(path, name)) === null) symlinkSync(join(DATA, name), join(path, name));
  }
}

/** The caller has checked them; a mistake there must not become a write anywhere on the machine. */
function checkFiles(files: Files): void {
  let bytes = 0;
  for (const { path, bytes: content } of files) {
    const names = path.split('/');
    bytes += content.length;
    const confined = names.every(
      (name) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0'),
    );
    if (!confined || names[0]?.startsWith('..') === true) {
      throw new WorldError('DRIVER_FAILED', `not a path inside a volume: ${JSON.stringify(path)}`);
    }
  }
  if (bytes > limits.volumeBytesMax) {
    throw new WorldError('DRIVER_FAILED', `a volume of ${bytes} bytes is more than the bound allows`);
  }
}
