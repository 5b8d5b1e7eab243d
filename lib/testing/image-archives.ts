import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MadeImage } from './made-image.ts';
import { tarOf } from './made-image.ts';

/** Writes an image as the directory of an OCI layout. `name`: as containerd's annotation; null: none. */
export function writeLayout(directory: string, image: MadeImage, name: string | null): void {
  for (const [digest, bytes] of image.blobs) {
    const path = join(directory, 'blobs', ...digest.split(':'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const annotations = name === null ? {} : { 'io.containerd.image.name': name };
  const manifests = [
    { mediaType: image.manifestType, digest: image.digest, size: image.manifest.length, annotations },
  ];
  writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

/** The same as a tar file. */
export function packDirectory(directory: string, file: string, compress: '--gzip' | null = null): void {
  const { status } = spawnSync('tar', [
    '--create',
    ...(compress === null ? [] : [compress]),
    `--file=${file}`,
    '-C',
    directory,
    '.',
  ]);
  if (status !== 0) throw new Error('tar failed');
}

/** What `docker save` of old wrote: a configuration, a directory for each layer, manifest.json at the end. */
export function dockerSave(image: MadeImage, tags: readonly string[]): Buffer {
  const config = `${image.imageId.slice('sha256:'.length)}.json`;
  const layers = image.layers.map((_layer, at) => `layer${at}/layer.tar`);
  return tarOf([
    ...image.layers.flatMap(({ tar }, at) => [
      { name: `layer${at}/`, type: 'directory' as const },
      { name: `layer${at}/VERSION`, content: '1.0' },
      { name: `layer${at}/layer.tar`, content: tar },
    ]),
    { name: config, content: image.config },
    { name: 'manifest.json', content: JSON.stringify([{ Config: config, RepoTags: tags, Layers: layers }]) },
  ]);
}
