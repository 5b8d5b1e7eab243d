import { fileURLToPath } from 'node:url';

/** The parts of the program that run as a process or a worker of their own, and their source. */
const sources = {
  'store-worker': '../store/store-worker.ts',
  agent: '../runtime/agent/main.ts',
  proxy: '../network/proxy/main.ts',
  'image-work': '../runtime/image/work/main.ts',
} as const;
export type EntryPointName = keyof typeof sources;

/** First argument that makes the bundle run a part instead of the command line. */
export const ENTRY_ARGUMENT = '--pintle-part=';

const fromSource = import.meta.url.endsWith('/lib/base/entry-points.ts');
/** The bundle's first module; its others, this one among them, are in the same directory. */
const BUNDLE = 'pintle.mjs';

/** How to run a part: from source its own file, in the bundle its first module with a first argument. */
export function entryPoint(name: EntryPointName): {
  readonly execPath: string;
  readonly file: string;
  readonly args: readonly string[];
} {
  if (fromSource) {
    const file = fileURLToPath(new URL(sources[name], import.meta.url));
    return { execPath: process.execPath, file, args: [file] };
  }
  const file = fileURLToPath(new URL(BUNDLE, import.meta.url));
  return { execPath: process.execPath, file, args: [file, `${ENTRY_ARGUMENT}${name}`] };
}

/** In the bundle: which part this process was started as; null for the command line. */
export function chosenEntryPoint(argv: readonly string[]): EntryPointName | null {
  const name = argv[2]?.startsWith(ENTRY_ARGUMENT) ? argv[2].slice(ENTRY_ARGUMENT.length) : '';
  return Object.hasOwn(sources, name) ? (name as EntryPointName) : null;
}
