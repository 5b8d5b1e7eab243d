/** `npm run build`: dist/ holds all that a published pintle is: one bundled file, its launcher, the example. */
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const root = dirname(dirname(import.meta.dirname));
const dist = join(root, 'dist');

/**
 * The launcher finds the Node 24 that was installed beside the package (npm hoists it to a directory above), then any `node`.
 * `sh` costs 3 ms; starting one Node from another costs 60.
 */
const LAUNCHER = `#!/bin/sh
here=$(readlink -f "$0") && here=\${here%/*}
case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=x64 ;; esac
directory=$here
while [ -n "$directory" ]; do
  node=$directory/node_modules/node-linux-$arch/bin/node
  [ -x "$node" ] && exec "$node" --disable-warning=ExperimentalWarning "$here/pintle.mjs" "$@"
  directory=\${directory%/*}
done
exec node --disable-warning=ExperimentalWarning "$here/pintle.mjs" "$@"
`;

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const result = await build({
  entryPoints: [join(root, 'cmd', 'pintle.ts')],
  outfile: join(dist, 'pintle.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: 'none',
  loader: { '.json': 'json' },
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
const bytes = Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stdout.write(`dist/pintle.mjs: ${(bytes / 1024 / 1024).toFixed(2)} MiB\n`);
