import { spawn } from 'node:child_process';
import { toolEnvironment } from '../../../../lib/base/run-program.ts';

/** Runs a program to its end; throws with its words where that is none of success. */
export async function runQuietly(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const child = spawn(program, args, {
    env: { ...toolEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    said += String(bytes);
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${said || output}`);
  return output;
}

/** Whether a program can be run here at all. */
export async function isInstalled(program: string): Promise<boolean> {
  return runQuietly(program, ['--version']).then(
    () => true,
    () => false,
  );
}

export function notInstalled(program: string): void {
  process.stderr.write(`${program} is not installed: nothing is measured of it\n`);
}
