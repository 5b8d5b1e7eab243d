import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';

const root = dirname(dirname(import.meta.dirname));

const sources = ['lib', 'cmd']
  .flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((path) => join(top, path)),
  )
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.gen.ts'))
  .sort();

const isTest = (path: string): boolean => /\.(test|e2e)\.ts$/.test(path) || path.startsWith('lib/testing/');
const program = sources.filter((path) => !isTest(path));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
/** Comments may name what the code may not. */
const code = (path: string): string =>
  text(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '');

/** Who may import whom; the design's table. A room may always import itself. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  base: [],
  schema: ['base'],
  git: ['base'],
  manifests: ['base', 'schema', 'git'],
  store: ['base', 'schema', 'git'],
  plan: ['base', 'schema', 'git', 'manifests', 'store'],
  api: ['base', 'schema', 'git', 'manifests', 'store'],
};
const UPPER = ['apply', 'status', 'server', 'controllers', 'scheduler', 'runtime', 'network'];
const LOWER = ['base', 'schema', 'git', 'manifests', 'store', 'plan', 'api'];
for (const room of UPPER) Object.assign(BELOW, { [room]: LOWER });
Object.assign(BELOW, { daemon: [...LOWER, ...UPPER] });

function importedRooms(path: string): readonly string[] {
  const rooms: string[] = [];
  for (const match of code(path).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    const target = relative(root, join(root, dirname(path), match[1] ?? ''));
    const room = /^lib\/([^/]+)\//.exec(target)?.[1] ?? (target.startsWith('cmd/') ? 'cmd' : undefined);
    if (room !== undefined) rooms.push(room);
  }
  return rooms;
}

test('every import follows the table of rooms', (t) => {
  const broken = program.flatMap((path) => {
    const room = /^lib\/([^/]+)\//.exec(path)?.[1];
    if (room === undefined)
      return importedRooms(path)
        .filter((target) => target === 'testing' && !path.startsWith('cmd/dev/'))
        .map((target) => `${path} -> ${target}`);
    const allowed = [room, ...(BELOW[room] ?? [])];
    return importedRooms(path)
      .filter((target) => !allowed.includes(target))
      .map((target) => `${path} -> ${target}`);
  });
  t.deepEqual(broken, []);
});

const BANNED: readonly { readonly pattern: RegExp; readonly why: string; readonly except: RegExp }[] = [
  {
    pattern: /\bDate\.now\(\)|\bnew Date\(\)/,
    why: 'time is an argument or a Clock',
    except: /^(lib\/base|cmd)\//,
  },
  {
    pattern: /\bMath\.random\(|\brandomUUID\b|\brandomBytes\b/,
    why: 'chance is a Random',
    except: /^(lib\/base)\//,
  },
  { pattern: /\b(setTimeout|setInterval)\(/, why: "timers are a Clock's", except: /^(lib\/base|cmd)\// },
  { pattern: /:\s*any\b|<any>|\bas any\b|as unknown as/, why: 'no any', except: /^$/ },
  { pattern: /\bTODO\b|\bFIXME\b|\bXXX\b/, why: 'nothing is left for later unsaid', except: /^$/ },
  {
    pattern: /\bconsole\.(log|error|warn|info)\(/,
    why: 'output goes through CommandIo or Log',
    except: /^$/,
  },
  {
    pattern: /\bshell:\s*true\b|\bexecSync\(|import \{[^}]*\bexec\b[^}]*\} from 'node:child_process'/,
    why: 'no shell',
    except: /^$/,
  },
];
for (const { pattern, why, except } of BANNED) {
  test(`the program has no ${pattern.source}: ${why}`, (t) => {
    t.deepEqual(
      program.filter((path) => !except.test(path) && pattern.test(code(path))),
      [],
    );
  });
}

test('no file is a drawer', (t) => {
  t.deepEqual(
    sources.filter((path) => /(^|[/-])(utils?|helpers?|manager|common|misc)\.ts$|\/index\.ts$/.test(path)),
    [],
  );
});

/** One file by design: every bound of the program is found there. */
const LONG_BY_DESIGN = ['lib/base/limits.ts'];

test('no file of the program is longer than 400 lines', (t) => {
  const long = program.filter((path) => text(path).split('\n').length > 401);
  t.deepEqual(
    long.filter((path) => !LONG_BY_DESIGN.includes(path)),
    [],
  );
});

test('the top level holds what the design names and nothing else', (t) => {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const allowed = ['.ci', '.git', 'cmd', 'lib', 'fixtures', 'manifests-example', 'node_modules', 'dist'];
  t.deepEqual(
    folders.filter((name) => !allowed.includes(name)),
    [],
  );
});
