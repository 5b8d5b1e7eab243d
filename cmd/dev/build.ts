/**
 * `npm run build`: dist/ holds all that a published pintle is: its launcher, pintle.mjs, the chunks that pintle.mjs loads
 * when a command needs them, the example.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = dirname(dirname(import.meta.dirname));
const dist = join(root, 'dist');

/**
 * The launcher finds the Node 24 that was installed beside the package (npm hoists it to a directory above), then any `node`.
 * `sh` costs 3 ms; starting one Node from another costs 60. The daemon's heap may not run ahead of what it holds: V8 never gives
 * back what a first apply made it take (at 10,000 objects 200 MB, for a tenth of the processor's time).
 */
const LAUNCHER = `#!/bin/sh
here=$(readlink -f "$0") && here=\${here%/*}
case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=x64 ;; esac
case $1 in up) heap='--max-semi-space-size=4 --heap-growing-percent=50' ;; *) heap= ;; esac
directory=$here
while [ -n "$directory" ]; do
  node=$directory/node_modules/node-linux-$arch/bin/node
  [ -x "$node" ] && exec "$node" --disable-warning=ExperimentalWarning $heap "$here/pintle.mjs" "$@"
  directory=\${directory%/*}
done
exec node --disable-warning=ExperimentalWarning $heap "$here/pintle.mjs" "$@"
`;

/** JSON.parse reads a large literal twice as fast as the JavaScript parser does. */
const json: Plugin = {
  name: 'json',
  setup({ onLoad }) {
    onLoad({ filter: /\.json$/ }, ({ path }) => {
      const text = JSON.stringify(JSON.parse(readFileSync(path, 'utf8')));
      return { contents: `export default JSON.parse(${JSON.stringify(text)});` };
    });
  },
};

/**
 * What commander imports and every start would pay for (10 ms of 35): child_process, which runs subcommands that are programs
 * of their own (there are none), and process as a module, which opens all that can be had from it, stdin too.
 */
const light: Readonly<Record<string, string>> = {
  'node:process': 'export default process;',
  'node:child_process': 'export default { spawn: (...all) => require("node:child_process").spawn(...all) };',
};
const lightCommander: Plugin = {
  name: 'light-commander',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(process|child_process)$/ }, ({ path, importer }) =>
      importer.includes('/node_modules/commander/') ? { path, namespace: 'light' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'light' }, ({ path }) => ({ contents: light[path] ?? '' }));
  },
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const result = await build({
  entryPoints: [join(root, 'cmd', 'pintle.ts')],
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  plugins: [json, lightCommander],
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
  metafile: true,
});
writeFileSync(join(dist, 'pintle.sh'), LAUNCHER);
chmodSync(join(dist, 'pintle.sh'), 0o755);
cpSync(join(root, 'manifests-example'), join(dist, 'manifests-example'), { recursive: true });
// What kubectl explains with, where `npm run generate` made it.
const descriptions = join(root, 'lib', 'schema', 'descriptions.json.gz');
if (existsSync(descriptions)) cpSync(descriptions, join(dist, 'descriptions.json.gz'));
const outputs = Object.values(result.metafile.outputs);
const bytes = outputs.reduce((sum, output) => sum + output.bytes, 0);
process.stdout.write(`dist/: ${outputs.length} modules, ${(bytes / 1024 / 1024).toFixed(2)} MiB\n`);
