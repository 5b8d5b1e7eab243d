// What `kubectl explain` tells besides names and types: made once from a development dependency, where that is installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Runs the generator under `root` when its file is not there yet. Failing costs the descriptions and nothing else. */
export function describeOnce(root, node) {
  const schema = join(root, 'lib', 'schema');
  if (existsSync(join(schema, 'descriptions.json.gz'))) return;
  if (!existsSync(join(root, 'node_modules', '@kubernetes', 'client-node'))) return;
  const generator = join(schema, 'generate-descriptions.ts');
  spawnSync(node, ['--disable-warning=ExperimentalWarning', generator], { stdio: 'ignore' });
}
