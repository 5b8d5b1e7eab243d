import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFiles } from '../linux-layout.ts';
import { type LaunchScript, launchFstab, launchScript } from './launch-script.ts';

/**
 * Makes a container's bundle, all of it but what the launcher reads last. Layers the lowest first. May be repeated: the upper
 * layer, which may be the container's already, stays.
 */
export function makeBundle(bundle: string, layers: readonly string[]): void {
  const files = bundleFiles(bundle);
  for (const path of [bundle, files.layers, files.subPaths, files.root]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  // The root of what the container sees has the mode of this one.
  for (const path of [files.upper, files.work]) mkdirSync(path, { recursive: true, mode: 0o755 });
  for (const [at, layer] of layers.entries()) {
    // Of an earlier call, which died, a launcher may be mounting from it at this moment.
    const link = join(files.layers, String(at));
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined && readlinkSync(link) === layer) continue;
    rmSync(link, { force: true });
    symlinkSync(layer, link);
  }
}

/** What the launcher reads. Each by rename: one of an earlier call may be reading it at this moment, whole. */
export function writeLaunch(launch: LaunchScript, config: object | null): void {
  const files = bundleFiles(launch.bundle);
  if (config !== null) writeWhole(files.config, JSON.stringify(config));
  writeWhole(files.fstab, launchFstab(launch));
  // CRASH: without the script nothing is launched; with it the agent launches once.
  writeWhole(files.launch, launchScript(launch));
}

/** At once, for our own eyes: a reader has it as it was or as it is. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.next`, text, { mode: 0o600 });
  renameSync(`${path}.next`, path);
}
