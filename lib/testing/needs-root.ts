import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Whether this machine lets tests make networks of their own: root, with these programs installed. */
export function needsRoot(programs: readonly string[]): boolean {
  if (process.getuid?.() !== 0) return false;
  const directories = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':');
  return programs.every((program) =>
    directories.some((directory) => {
      try {
        accessSync(join(directory, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}
