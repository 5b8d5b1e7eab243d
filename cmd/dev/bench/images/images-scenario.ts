import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../../lib/base/clock.ts';
import { silentLog } from '../../../../lib/base/log.ts';
import { seededRandom, systemRandom } from '../../../../lib/base/random.ts';
import { imageStore } from '../../../../lib/runtime/image/image-store.ts';
import { writeLayout } from '../../../../lib/testing/image-archives.ts';
import { type MadeEntry, madeImage } from '../../../../lib/testing/made-image.ts';
import { figure, percentile, rounded } from '../figure.ts';
import { freePort } from '../free-port.ts';
import { privatePodman } from '../pods/podman-pods.ts';
import { isInstalled, notInstalled, runQuietly } from '../pods/run-quietly.ts';
import { inTemporary } from '../temporary.ts';

const ROUNDS = 6;
const REST_MS = 500;
const LOOK_MS = 20;
/** An image such as many are: a large layer, smaller ones on it. Files of 50 KB, of which somewhat less than half compresses to nothing. */
const LAYER_FILES = [1_400, 400, 150, 50];
const FILE_BYTES = 50_000;
const NOISE_BYTES = 20_000;

/** An image of 100 MB from a registry on loopback, unpacked: by the image store, and by podman, a turn each. */
export async function pulls(): Promise<void> {
  for (const program of ['docker-registry', 'skopeo'])
    if (!(await isInstalled(program))) return notInstalled(program);
  await inTemporary(async (directory) => {
    const registry = await startRegistry(directory);
    const podman = (await isInstalled('podman'))
      ? await privatePodman(directory, { ownNetwork: false })
      : null;
    if (podman === null) notInstalled('podman');
    try {
      const image = `${registry.host}/bench/large:1`;
      await push(directory, image);
      const spans = { pintle: [] as number[], podman: [] as number[] };
      for (let round = 0; round < ROUNDS; round += 1) {
        await pause(REST_MS);
        spans.pintle.push(
          await pullByStore(join(directory, `store-${round}`), { image, host: registry.host }),
        );
        if (podman === null) continue;
        await pause(REST_MS);
        const start = performance.now();
        await podman.run(['pull', '--quiet', '--tls-verify=false', image]);
        spans.podman.push(performance.now() - start);
        await podman.run(['rmi', '--force', image]);
      }
      const megabytes = (LAYER_FILES.reduce((sum, count) => sum + count, 0) * FILE_BYTES) / 1e6;
      for (const [name, all] of Object.entries(spans)) {
        if (all.length === 0) continue;
        const more = { p95: rounded(percentile(all, 95)), min: rounded(Math.min(...all)), times: all.length };
        figure(`${name}: an image pulled, p50`, percentile(all, 50), 'ms', { megabytes, ...more });
      }
    } finally {
      await podman?.close();
      await registry.close();
    }
  });
}

async function pullByStore(
  directory: string,
  { image, host }: { readonly image: string; readonly host: string },
): Promise<number> {
  const store = imageStore({
    ...{ directory, clock: systemClock(), random: systemRandom(), log: silentLog() },
    settings: { registries: { mirrors: [], insecure: [host] }, dockerConfigPath: null },
  });
  await store.open();
  const start = performance.now();
  const verdict = await store.ensure(image, { policy: 'IfNotPresent' });
  const ms = performance.now() - start;
  await store.close();
  rmSync(directory, { recursive: true, force: true });
  if (!verdict.ok) throw new Error(verdict.message);
  return ms;
}

async function push(directory: string, image: string): Promise<void> {
  const random = seededRandom(1);
  const noise = Buffer.from(random.suffix(4 * NOISE_BYTES));
  const file = (name: string): MadeEntry => {
    const from = Math.floor(random.next() * 3 * NOISE_BYTES);
    const part = Buffer.from(noise.subarray(from, from + NOISE_BYTES));
    // Else one file would be found again in the other.
    for (let at = 0; at < part.length; at += 1)
      part[at] = ((part[at] ?? 0) * 7 + Math.floor(random.next() * 256)) % 256;
    return { name, content: Buffer.concat([part, Buffer.alloc(FILE_BYTES - NOISE_BYTES, name)]) };
  };
  const layers = LAYER_FILES.map((count, layer) => [
    { name: `layer${layer}/`, type: 'directory' as const },
    ...Array.from({ length: count }, (_, at) => file(`layer${layer}/file${at}`)),
  ]);
  const layout = join(directory, 'layout');
  mkdirSync(layout);
  writeLayout(layout, madeImage(layers), null);
  const flags = ['--insecure-policy', 'copy', '--quiet', '--dest-tls-verify=false'];
  await runQuietly('skopeo', [...flags, `oci:${layout}`, `docker://${image}`]);
}

/** Docker's own registry on loopback. */
async function startRegistry(directory: string): Promise<{ readonly host: string; close(): Promise<void> }> {
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(directory, 'registry.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${directory}/registry}}\nhttp: {addr: '${host}'}\n`,
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const gone = once(child, 'close');
  const answers = (): Promise<boolean> =>
    fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error('the registry ended');
    await pause(LOOK_MS);
  }
  return {
    host,
    close: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
