import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';
import { until } from './until.ts';

/** What this needs of the machine. */
export const registryPrograms = ['docker-registry', 'skopeo', 'tar'] as const;

/** Docker's own registry on loopback, plain http, empty; ends with the test. Returns `host:port`. */
export async function dockerRegistry(t: { teardown(run: () => Promise<void>): void }): Promise<string> {
  const directory = await temporaryDirectory(t);
  const host = `127.0.0.1:${await freePort()}`;
  const config = `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${directory}/data}}\nhttp: {addr: '${host}'}\n`;
  writeFileSync(join(directory, 'config.yml'), config);
  const child = spawn('docker-registry', ['serve', join(directory, 'config.yml')], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const answers = (): Promise<boolean> =>
    fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(answers, { what: 'the registry answers' });
  return host;
}

/** Copies an image with skopeo, from and to whatever it knows (`oci:DIR:NAME`, `docker://HOST/NAME`). */
export function skopeoCopy(from: string, to: string, ...flags: readonly string[]): void {
  const words = [
    '--insecure-policy',
    'copy',
    '--quiet',
    '--src-tls-verify=false',
    '--dest-tls-verify=false',
    ...flags,
    from,
    to,
  ];
  const { status, stderr } = spawnSync('skopeo', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`skopeo: ${stderr}`);
}

/** One that nobody listens at now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
