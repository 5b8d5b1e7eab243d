import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isHostImage } from '../process/image-verdict.ts';
import type { PodImages } from './linux-images.ts';

const NODE = '/opt/pintle/bin/node';
const FILES = [
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/nsswitch.conf',
  '/etc/services',
  '/etc/protocols',
  '/etc/localtime',
];
const BINDS = ['/usr', '/etc/ssl', '/etc/alternatives', '/etc/ld.so.conf.d', '/etc/ca-certificates'];
const TOP = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** The image `host` alone: the machine's own programs and our Node, read-only, in a root that shows nothing else. */
export function hostImageOnly(directory: string): PodImages {
  return {
    ensure: async (image) =>
      isHostImage(image)
        ? { ok: true, imageId: 'host' }
        : { ok: false, reason: 'ErrImagePull', message: `no images here but "host": ${image}` },
    root: async () => {
      const binds = makeHostLayer(directory);
      const path = '/opt/pintle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
      const config = { entrypoint: [], cmd: [], env: [['PATH', path]] as const, user: '', workingDir: '/' };
      return { imageId: 'host', layers: [directory], binds, config };
    },
  };
}

function makeHostLayer(layer: string): readonly { readonly source: string; readonly destination: string }[] {
  const directory = (path: string, mode = 0o755): void => {
    mkdirSync(join(layer, path), { recursive: true, mode });
    chmodSync(join(layer, path), mode);
  };
  for (const path of [
    '/',
    '/etc',
    '/var',
    '/run',
    '/home',
    '/proc',
    '/sys',
    '/dev',
    '/mnt',
    '/srv',
    dirname(NODE),
  ])
    directory(path);
  directory('/root', 0o700);
  for (const path of ['/tmp', '/var/tmp']) directory(path, 0o1777);
  writeFileSync(
    join(layer, '/etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
  );
  writeFileSync(join(layer, '/etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  for (const path of FILES) if (existsSync(path)) copyFileSync(path, join(layer, path));
  const binds = BINDS.filter((path) => existsSync(path)).map((path) => ({ source: path, destination: path }));
  for (const { destination } of binds) directory(destination);
  for (const path of TOP) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isSymbolicLink()) {
      rmSync(join(layer, path), { force: true });
      symlinkSync(readlinkSync(path), join(layer, path));
    } else {
      directory(path);
      binds.push({ source: path, destination: path });
    }
  }
  writeFileSync(join(layer, NODE), '', { flag: 'a' });
  return [...binds, { source: process.execPath, destination: NODE }];
}
