import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files of one pod. Only `work` and empty volumes belong to the pod's user; it can look into nothing of another pod's. */
export function podLayout(root: string, podUid: string) {
  const directory = join(root, podUid);
  return {
    directory,
    record: join(directory, 'sandbox.json'),
    /** Home, and the working directory of a container that names none. */
    work: join(directory, 'work'),
    volumes: join(directory, 'volumes'),
    volume: (name: string) => join(directory, 'volumes', name),
    termination: join(directory, 'termination'),
    /** What the agent has of its containers, logs among it. */
    containers: join(directory, 'containers'),
    terminationFile: (container: string, attempt: number) =>
      join(directory, 'termination', `${container}.${attempt}`),
    /** The mounts of a container's last run, JSON. */
    mounts: (container: string) => join(directory, `mounts.${container}.json`),
  };
}

/** Makes a pod's directories. `user` null: as ourselves. May be repeated. */
export function makePodDirectories(root: string, podUid: string, user: number | null): void {
  const layout = podLayout(root, podUid);
  for (const path of [layout.directory, layout.volumes, layout.termination]) {
    mkdirSync(path, { recursive: true, mode: 0o750 });
    chmodSync(path, 0o750);
    if (user !== null) chownSync(path, 0, user);
  }
  makeOwned(layout.work, user);
}

/** A directory that is the pod's user's, made where only we can write. */
export function makeOwned(path: string, user: number | null): void {
  mkdirSync(path, { recursive: true, mode: 0o770 });
  if (user !== null) chownSync(path, user, user);
}

const POD_UID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const VOLUME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;

/** Whether the text can be the name of a pod's directory. */
export function isPodUid(text: string): boolean {
  return POD_UID.test(text);
}

export function isVolumeName(text: string): boolean {
  return VOLUME.test(text);
}
