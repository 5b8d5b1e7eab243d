import { readFileSync } from 'node:fs';
import { dockerSave } from '../../../../lib/testing/image-archives.ts';
import { type MadeImage, madeImage } from '../../../../lib/testing/made-image.ts';

/** Source: Debian's busybox-static. */
const BUSYBOX = '/bin/busybox';

/** One layer with busybox and nothing else. */
export function busyboxImage(): MadeImage {
  const directories = ['bin/', 'etc/', 'proc/', 'sys/', 'dev/', 'tmp/', 'out/'];
  return madeImage(
    [
      [
        ...directories.map((name) => ({ name, type: 'directory' as const })),
        { name: 'bin/busybox', content: readFileSync(BUSYBOX), mode: 0o755 },
        { name: 'bin/sh', type: 'symlink', target: 'busybox' },
      ],
    ],
    { packing: 'plain', config: { Cmd: ['/bin/sh'] } },
  );
}

/** A file that Pintle imports and podman loads. */
export function busyboxArchive(name: string): Buffer {
  return dockerSave(busyboxImage(), [name]);
}
