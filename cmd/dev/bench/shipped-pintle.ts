import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** The launcher of what would be published, built from the source as it is now. */
export function shippedPintle(): string {
  execFileSync(process.execPath, [join(root, 'cmd', 'dev', 'build.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(root, 'dist', 'pintle.sh');
}
