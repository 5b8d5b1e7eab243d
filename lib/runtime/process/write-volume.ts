import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { assertNever, WorldError } from '../../base/errors.ts';
import type { VolumeContent } from '../driver.ts';
import { linkTarget } from '../volume/link-target.ts';
import { writeFiles } from '../volume/write-files.ts';
import { makeOwned } from './pod-layout.ts';

/** Content whose claim, if it is one, has its directory. */
export type PlacedContent =
  | Exclude<VolumeContent, { readonly kind: 'claim' }>
  | { readonly kind: 'claim'; readonly directory: string };

/** Creates a volume at `path`, or replaces its content. `user`: the pod's, null as ourselves. May be repeated. */
export function writeVolume(path: string, content: PlacedContent, user: number | null): void {
  switch (content.kind) {
    case 'empty':
      // What is in it stays: a repeated call, or a restarted container's volume.
      makeOwned(path, user);
      break;
    case 'files':
      writeFiles(path, content.files, user === null ? null : { uid: user, gid: user });
      break;
    case 'host-path':
      linkHostPath(path, content);
      break;
    case 'claim':
      linkTo(path, content.directory);
      break;
    default:
      assertNever(content);
  }
}

/** A link to the machine's own. */
export function linkHostPath(path: string, content: Extract<VolumeContent, { kind: 'host-path' }>): void {
  if (content.type !== '' && !existsSync(content.path)) {
    throw new WorldError('DRIVER_FAILED', `hostPath ${content.path} of type ${content.type} does not exist`);
  }
  linkTo(path, content.path);
}

function linkTo(path: string, target: string): void {
  if (linkTarget(path) === target) return;
  rmSync(`${path}.next`, { force: true });
  symlinkSync(target, `${path}.next`);
  renameSync(`${path}.next`, path);
}
