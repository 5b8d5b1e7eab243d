import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { type ImageReference, parseImageReference } from '../image-reference.ts';
import { parseImageConfig } from '../manifest/image-config.ts';
import { formatPlatform, runsOn } from '../manifest/platform.ts';
import { fetchBlob } from '../registry/fetch-blob.ts';
import { resolveImage } from '../registry/resolve-image.ts';
import { buildLayers } from './build-image.ts';
import type { ImageJob, JobStore } from './image-job.ts';

type PullJob = Extract<ImageJob, { readonly kind: 'pull' }>;

/** Pulls one image into the store. ImageError. */
export async function pullImage(job: PullJob, store: JobStore, clock: Clock): Promise<void> {
  const parsed = parseImageReference(job.image);
  if (!parsed.ok) throw new ImageError('IMAGE_REFUSED', parsed.problem);
  const { reference } = parsed;
  const edge = { clock, registries: job.registries, silenceMs: job.silenceMs };
  const { platform, dockerConfigs } = job;
  const resolved = await resolveImage(edge, { reference, platform, dockerConfigs });
  if (resolved.config.sizeBytes > limits.imageDocumentBytesMax)
    throw new ImageError('IMAGE_REFUSED', "the image's configuration is too large");
  const path = join(job.workDirectory, 'config');
  await fetchBlob(edge, resolved.session, { descriptor: resolved.config, path });
  const { config, diffIds, platform: madeFor } = parseImageConfig(await readFile(path));
  if (!runsOn(madeFor, platform)) {
    const mismatch = `the image is made for ${formatPlatform(madeFor)}, this machine is ${formatPlatform(platform)}`;
    throw new ImageError('IMAGE_REFUSED', `no match for platform in manifest: ${mismatch}`);
  }
  const layers = resolved.layers.map((descriptor, at) => {
    const blob = join(job.workDirectory, `layer-${at}`);
    return {
      fetch: () => fetchBlob(edge, resolved.session, { descriptor, path: blob }),
      open: () => createReadStream(blob, { highWaterMark: 256 * 1024 }),
      drop: () => rm(blob, { force: true }),
    };
  });
  const chainIds = await buildLayers(store, { diffIds, layers });
  const imageId = resolved.config.digest;
  await store.image({ imageId, chainIds, config, ...namesOf(reference, resolved.digest) });
}

/** A name with a digest is one by its digest only, whatever its tag. */
function namesOf(
  reference: ImageReference,
  digest: string,
): { names: readonly string[]; repoDigests: readonly string[] } {
  const { registry, repository, tag } = reference;
  const named = tag !== null && reference.digest === null ? [`${registry}/${repository}:${tag}`] : [];
  return { names: named, repoDigests: [`${registry}/${repository}@${digest}`] };
}
