// The first thing that runs, on whatever Node the machine has (18 or newer), with nothing installed. It installs what the
// lockfile says when that changed, then runs the program on the Node that the lockfile pins. Plain JavaScript, no dependency.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOnce } from './describe-once.mjs';
import { installOnce } from './install.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');

/** What runs for each name; the arguments after it are passed on. */
const programs = {
  start: 'cmd/start.ts',
  pintle: 'cmd/pintle.ts',
  test: 'cmd/dev/test.ts',
  check: 'cmd/dev/check.ts',
  build: 'cmd/dev/build.ts',
  bench: 'cmd/dev/bench.ts',
  generate: 'cmd/dev/generate.ts',
};

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
const failed = await installOnce(root, (text) => process.stderr.write(text));
if (failed !== 0) process.exit(failed);
const node = nodeBinary();
describeOnce(root, node);
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, program), ...args], {
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
