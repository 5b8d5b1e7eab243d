// The first thing that runs, on whatever Node the machine has (18 or newer), with nothing installed. It installs what the
// lockfile says when that changed, then runs the program on the Node that the lockfile pins. Plain JavaScript, no dependency.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.pintle-installed');

/** What runs for each name; the arguments after it are passed on. */
const programs = {
  start: 'cmd/start.ts',
  pintle: 'cmd/pintle.ts',
  test: 'cmd/dev/test.ts',
  check: 'cmd/dev/check.ts',
  build: 'cmd/dev/build.ts',
  bench: 'cmd/dev/bench.ts',
  generate: 'lib/schema/generate-types.ts',
};

function lockfileStamp() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'package-lock.json')));
  hash.update(`${process.platform}-${process.arch}`);
  return hash.digest('hex');
}

function installed() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockfileStamp();
}

/** The npm that started us when there is one: it belongs to this Node. */
function npmCommand() {
  const execPath = process.env.npm_execpath;
  return execPath?.endsWith('.js') ? [process.execPath, [execPath]] : ['npm', []];
}

function install() {
  process.stderr.write('pintle: installing what package-lock.json names (once, until it changes) …\n');
  const [npm, first] = npmCommand();
  // No install script runs: nothing is fetched from anywhere but the npm registry, and nothing needs one.
  const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync(npm, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (result.error || result.status !== 0) {
    process.stderr.write(
      `pintle: npm ci failed (${result.error?.message ?? `exit code ${result.status}`}); is the npm registry reachable?\n`,
    );
    process.exit(1);
  }
  // CRASH: dying before this line means one more install next time, nothing worse.
  mkdirSync(modules, { recursive: true });
  writeFileSync(stampFile, lockfileStamp());
}

/** One install at a time: a second starter waits for the first. A lock older than ten minutes was left by a crash. */
function installOnce() {
  const lock = join(root, '.install.lock');
  const deadline = Date.now() + 600_000;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (installed()) return;
      if (Date.now() > deadline) break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    if (!installed()) install();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** The pinned Node, or this one where the platform has no pinned one and this one is new enough. */
function nodeBinary() {
  const pinned = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  process.stderr.write(
    `pintle: no Node 24 for ${process.platform}-${process.arch} in node_modules, and this is Node ${process.versions.node}. ` +
      'Install without --omit=optional, or run with Node 24.\n',
  );
  process.exit(1);
}

const [name = 'start', ...args] = process.argv.slice(2);
const program = programs[name];
if (program === undefined) {
  process.stderr.write(`pintle: unknown program ${name}; one of ${Object.keys(programs).join(', ')}\n`);
  process.exit(64);
}
if (!installed()) installOnce();
const child = spawn(nodeBinary(), ['--disable-warning=ExperimentalWarning', join(root, program), ...args], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`pintle: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // Die of the same signal, so that the caller sees what happened.
  for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.removeAllListeners(each);
  process.kill(process.pid, signal);
});
