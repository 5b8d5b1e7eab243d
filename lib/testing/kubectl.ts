import { spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { codeOf } from '../base/errors.ts';

export type KubectlResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type KubectlOptions = {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the command as soon as its output is so; its code is then -1. */
  readonly endAt?: (stdout: string) => boolean;
  /** Ends the command. */
  readonly endWhen?: Promise<unknown>;
};

/** One kubectl with a home of its own: what it caches is nobody else's. */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<KubectlResult>;

/**
 * The kubectl binaries of this machine: that of KUBECTL, else the first on the PATH. Where versioned ones (`kubectl.1.32`) stand beside
 * it, those: some machines have a dispatcher in its place that picks a version itself. Empty where there is none.
 */
export function kubectlBinaries(
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
  const places = env.KUBECTL
    ? [env.KUBECTL]
    : (env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'kubectl'));
  const found = places.find(isExecutable);
  if (found === undefined) return [];
  const binary = realpathSync(found);
  const directory = dirname(binary);
  const versioned = readdirSync(directory)
    .filter((name) => /^kubectl\.1\.\d+$/.test(name))
    .sort();
  return versioned.length > 0 ? versioned.map((name) => join(directory, name)) : [binary];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (failure) {
    if (codeOf(failure) === undefined) throw failure;
    return false;
  }
}

export function kubectl(of: {
  readonly binary: string;
  readonly home: string;
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Where it runs; unset: where the test does. */
  readonly directory?: string;
}): Kubectl {
  const { binary, home, kubeconfig, namespace, directory } = of;
  return (args, { stdin = '', env = {}, endAt, endWhen } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<KubectlResult>();
    const child = spawn(binary, ['--kubeconfig', kubeconfig, '--namespace', namespace, ...args], {
      env: { PATH: process.env.PATH, HOME: home, KUBE_EDITOR: 'true', ...env },
      ...(directory && { cwd: directory }),
      // What waits for ever ends, and fails.
      timeout: 120_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (endAt?.(stdout)) child.kill();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    endWhen?.then(() => child.kill(), reject);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    return promise;
  };
}
