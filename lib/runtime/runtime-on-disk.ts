import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type JsonValue } from '../base/json.ts';

/** Which driver's pods lie in a data directory; null: nobody's. They are left to it: another one would not know what they are. */
export function runtimeOnDisk(dataDirectory: string): 'linux' | 'process' | null {
  const link = join(dataDirectory, 'pods');
  // What is no directory is in the way of whichever driver it will be: that one says so.
  if (statSync(link, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  const root = realpathSync(link);
  for (const name of readdirSync(root)) {
    if (name.startsWith('.')) continue;
    const record = recordIn(join(root, name, 'sandbox.json'));
    if (record !== null) return isObject(record) && typeof record.bootId === 'string' ? 'linux' : 'process';
  }
  return null;
}

function recordIn(path: string): JsonValue {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Half made, or removed meanwhile: it says nothing.
    return null;
  }
}
