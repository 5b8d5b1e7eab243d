import { type ArchivedImage, archivedImages } from '../archive/archived-images.ts';
import { openArchive } from '../archive/image-archive.ts';
import { ImageError } from '../image-error.ts';
import { formatImageReference, type ImageReference, parseImageReference } from '../image-reference.ts';
import { checkHash, hashFor } from '../manifest/digest.ts';
import { buildLayers, type LayerSource } from './build-image.ts';
import type { ImageJob, JobStore } from './image-job.ts';

type ImportJob = Extract<ImageJob, { readonly kind: 'import' }>;

/** Takes all images of an archive into the store. ImageError. */
export async function importImages(job: ImportJob, store: JobStore): Promise<void> {
  const archive = await openArchive(job.path, job.workDirectory);
  const images = await archivedImages(archive, job.platform);
  if (job.name !== null && images.length > 1)
    throw new ImageError(
      'IMAGE_REFUSED',
      `the archive has ${images.length} images; they cannot all have the same name`,
    );
  const named = images.map((image) => ({ image, references: referencesFor(image, job.name) }));
  for (const { image, references } of named) {
    const layers: readonly LayerSource[] = image.layers.map(({ member, digest }) => {
      const opened = () => {
        const stream = archive.stream(member);
        if (stream === null) throw new ImageError('IMAGE_INVALID', `the archive lacks ${member}`);
        return stream;
      };
      return {
        // Checked before anything of it is unpacked, as what comes from a registry is.
        async fetch() {
          if (digest === null) return;
          const hash = hashFor(digest);
          for await (const chunk of opened()) hash.update(chunk as Buffer);
          checkHash(hash, digest, 'a blob of the archive');
        },
        open: opened,
        drop: async () => undefined,
      };
    });
    const chainIds = await buildLayers(store, { diffIds: image.parsed.diffIds, layers });
    await store.image({
      imageId: image.imageId,
      names: references.filter(({ digest }) => digest === null).map(formatImageReference),
      repoDigests:
        image.digest === null
          ? []
          : references.map(({ registry, repository }) => `${registry}/${repository}@${image.digest}`),
      chainIds,
      config: image.parsed.config,
    });
  }
}

function referencesFor(image: ArchivedImage, name: string | null): readonly ImageReference[] {
  if (name === null) {
    if (image.references.length > 0) return image.references;
    throw new ImageError(
      'IMAGE_REFUSED',
      'the archive does not say what its image is called; say it with --name',
    );
  }
  const parsed = parseImageReference(name);
  if (!parsed.ok) throw new ImageError('IMAGE_REFUSED', parsed.problem);
  return [parsed.reference];
}
