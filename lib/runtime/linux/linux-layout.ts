import { dirname, join } from 'node:path';
import { podLayout } from '../process/pod-layout.ts';

/** The files of one pod: what every driver has, and what a pod with a place of its own has besides. */
export function linuxLayout(root: string, podUid: string) {
  const pod = podLayout(root, podUid);
  const { directory } = pod;
  return {
    ...pod,
    sandbox: join(directory, 'sandbox.json'),
    /** Files that hold its namespaces. */
    uts: join(directory, 'ns', 'uts'),
    ipc: join(directory, 'ns', 'ipc'),
    /** Where its containers share one. */
    pid: join(directory, 'ns', 'pid'),
    /** The number of that one's first process. */
    pidHolder: join(directory, 'ns', 'pid.holder'),
    namespaces: join(directory, 'ns'),
    shm: join(directory, 'shm'),
    etc: join(directory, 'etc'),
    /** Its volumes that are never on a disk. */
    memory: join(memoryDirectory(root), podUid),
    roots: join(directory, 'roots'),
    /** An OCI bundle: what one container's launcher reads, and its root's upper layer. */
    bundle: (container: string, attempt: number) => join(directory, 'roots', `${container}.${attempt}`),
  };
}

/** One tmpfs for what all pods have in memory alone. */
export function memoryDirectory(root: string): string {
  return join(root, '.memory');
}

/** Seccomp profiles of the machine's owner: in the data directory, beside the pods. */
export function profilesDirectory(root: string): string {
  return join(dirname(root), 'seccomp');
}

/** What OCI runtimes keep of the containers that run. */
export function runtimeState(root: string, launcher: string): string {
  return join(root, '.oci', launcher);
}

export function bundleFiles(bundle: string) {
  return {
    config: join(bundle, 'config.json'),
    launch: join(bundle, 'launch'),
    fstab: join(bundle, 'fstab'),
    log: join(bundle, 'launcher.log'),
    /** Scripts where util-linux launches. */
    inner: join(bundle, 'inner'),
    enter: join(bundle, 'enter'),
    /** Links to the image's layers, `0` the lowest: their own paths would be more than mount(2) takes. */
    layers: join(bundle, 'layers'),
    upper: join(bundle, 'upper'),
    work: join(bundle, 'work'),
    root: join(bundle, 'root'),
    /** Where what a subPath leads to is mounted for the launcher. */
    subPaths: join(bundle, 'sub'),
    /** Where volumes with what is mounted in them are. */
    composed: join(bundle, 'composed'),
  };
}
