import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

type Locked = { readonly integrity?: string; readonly optionalDependencies?: Record<string, string> };

const lockfile = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

// npm 11 refuses a lockfile that leaves out a platform's package, even where it would not install it.
test('the lockfile names every optional dependency of every package', (t) => {
  const missing = Object.entries(lockfile.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) =>
        lockfile.packages[`node_modules/${name}`] === undefined &&
        lockfile.packages[`${path}/node_modules/${name}`] === undefined,
    ),
  );
  t.deepEqual(missing, []);
});
