import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HostRoot } from '../image-root.ts';

/** Programs and libraries. Where they are links (to `usr/…`), the root has the same links. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'] as const;

/**
 * What programs read of /etc to find libraries, names, authorities and the time; no accounts, no keys, no configuration of services.
 * Names and addresses (hosts, hostname, resolv.conf) are the pod's own.
 */
const ETC = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'gai.conf',
  'host.conf',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki/ca-trust/extracted',
  'pki/tls/certs',
  'protocols',
  'services',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
] as const;

const DIRECTORIES: readonly (readonly [path: string, mode: number])[] = [
  ...[
    'dev',
    'etc',
    'home',
    'media',
    'mnt',
    'opt',
    'opt/node',
    'opt/node/bin',
    'proc',
    'run',
    'srv',
    'sys',
    'var',
  ].map((path) => [path, 0o755] as const),
  ...['var/cache', 'var/lib', 'var/log', 'var/spool'].map((path) => [path, 0o755] as const),
  ['root', 0o700],
  ['tmp', 0o1777],
  ['var/tmp', 0o1777],
];

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n';
const GROUP = 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n';
const NODE = '/opt/node/bin/node';

/** As a login of the machine has it, and our Node after its own. */
const PATH = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${dirname(NODE)}`;

/**
 * Describes the image `host` and makes its skeleton in `directory` (again, if it is there). `machine`: where the machine's files are, and
 * the Node that pods get; unset, the real ones.
 */
export function hostRoot(
  directory: string,
  machine: { readonly root: string; readonly node: string } = { root: '/', node: process.execPath },
): HostRoot {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  chmodSync(directory, 0o755);
  for (const [path, mode] of DIRECTORIES) makeDirectory(join(directory, path), mode);
  write(directory, 'etc/passwd', PASSWD);
  write(directory, 'etc/group', GROUP);
  const binds: { from: string; to: string }[] = [];
  for (const path of [...SYSTEM, ...ETC.map((name) => `/etc/${name}`)]) {
    const from = join(machine.root, path);
    const stats = lstatSync(from, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    const place = join(directory, path);
    makeDirectory(dirname(place), 0o755);
    if (stats.isSymbolicLink()) link(place, readlinkSync(from));
    else {
      if (stats.isDirectory()) makeDirectory(place, 0o755);
      else write(directory, path, '');
      binds.push({ from, to: path });
    }
  }
  write(directory, NODE, '');
  binds.push({ from: machine.node, to: NODE });
  const config = {
    entrypoint: [],
    cmd: ['/bin/sh'],
    env: [['PATH', PATH]] as const,
    user: '',
    workingDir: '/',
    stopSignal: null,
  };
  return { kind: 'host', imageId: 'host', layers: [directory], binds, config };
}

function makeDirectory(path: string, mode: number): void {
  if (existsSync(path)) return;
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
}

/** CRASH: what is half made is made again by the next one. Pods that run have the old file. */
function write(directory: string, path: string, text: string): void {
  const place = join(directory, path);
  if (text === '' && existsSync(place)) return;
  writeFileSync(`${place}.next`, text, { mode: 0o644 });
  renameSync(`${place}.next`, place);
}

function link(place: string, target: string): void {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === true && readlinkSync(place) === target) return;
  if (stats !== undefined) return;
  symlinkSync(target, place);
}
