import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFiles } from '../linux-layout.ts';

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
    const link = join(files.layers, String(at));
    rmSync(link, { force: true });
    symlinkSync(layer, link);
  }
}

/** What the launcher reads, unless a launcher may be reading it already. */
export function writeLaunch(
  bundle: string,
  { script, config }: { readonly script: string; readonly config: object | null },
): void {
  const files = bundleFiles(bundle);
  // CRASH: without the script nothing is launched; with it the agent launches once.
  if (config !== null) writeFileSync(files.config, JSON.stringify(config), { mode: 0o600 });
  if (existsSync(files.launch)) rmSync(files.launch);
  writeFileSync(files.launch, script, { mode: 0o600 });
}
