import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeExampleRepository } from './init.ts';
import { gitKnowsUser, PLACEHOLDER_USER, runGit } from './run-git.ts';

/** Where a demonstration lives. */
export type Stage = {
  /** Holds all of it. */
  readonly directory: string;
  readonly dataDirectory: string;
  /** Where the kubeconfig of its daemon is to be written. */
  readonly kubeconfig: string;
  /** What the daemon follows: a path or an http(s) URL. */
  readonly repository: string;
  /** To work in, and where the shop is to be seen; null: the repository is the user's own. */
  readonly example: { readonly clone: string; readonly shopPort: number } | null;
};

/** The node port that the example asks for. */
export const EXAMPLE_PORT = 30_080;
const PORTS_TRIED = 100;

/** A new directory with a bare repository of the example, and a clone of it to work in; nothing but the directory for an own one. */
export async function makeStage(repo: string | undefined): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'pintle-demo-'));
  const dataDirectory = join(directory, 'data');
  const kubeconfig = join(directory, 'kubeconfig');
  if (repo !== undefined) return { directory, dataDirectory, kubeconfig, repository: repo, example: null };
  const clone = join(directory, 'shop');
  const repository = join(directory, 'shop.git');
  const shopPort = await freePort(EXAMPLE_PORT);
  await makeExampleRepository(clone, (path) => setPort(path, shopPort));
  await runGit(['clone', '--quiet', '--bare', clone, repository], directory);
  await runGit(['remote', 'add', 'origin', repository], clone);
  await runGit(['fetch', '--quiet', 'origin'], clone);
  await runGit(['branch', '--quiet', '--set-upstream-to=origin/main', 'main'], clone);
  if (!(await gitKnowsUser(clone))) {
    // On a new machine git knows nobody and would refuse the first commit.
    await runGit(['config', 'user.name', PLACEHOLDER_USER.name], clone);
    await runGit(['config', 'user.email', PLACEHOLDER_USER.email], clone);
  }
  return { directory, dataDirectory, kubeconfig, repository, example: { clone, shopPort } };
}

/** In the manifest that asks for it, and in the words about it. */
function setPort(directory: string, port: number): void {
  for (const name of ['shop/web.yaml', 'README.md']) {
    const file = join(directory, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(String(EXAMPLE_PORT), String(port)));
  }
}

/** The first port from `first` on that nothing listens at; `first` when all are taken. */
async function freePort(first: number): Promise<number> {
  for (let port = first; port < first + PORTS_TRIED; port += 1) if (await isFree(port)) return port;
  return first;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0' }, () => server.close(() => resolve(true)));
  });
}
