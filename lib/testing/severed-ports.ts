import type { GitRepository } from '../git/repository.ts';
import type { DriverOfShares } from '../runtime/driver-view.ts';
import type { Persistence } from '../store/persistence.ts';
import type { ProcessLife } from './process-life.ts';

/** The ports as one process has them: every call is a place to die at, and nothing passes once it is dead. */

export function persistenceOf(persistence: Persistence, life: ProcessLife): Persistence {
  return {
    commit: (batches) => life.call('store.commit', () => persistence.commit(batches)),
    close: () => Promise.resolve(),
  };
}

export function repositoryOf(repository: GitRepository, life: ProcessLife): GitRepository {
  const { location, remote } = repository;
  return {
    location,
    remote,
    branches: () => life.call('repository.branches', () => repository.branches()),
    resolve: (revision) => life.call('repository.resolve', () => repository.resolve(revision)),
    commit: (oid) => life.call('repository.commit', () => repository.commit(oid)),
    log: (from, max) => life.call('repository.log', () => repository.log(from, max)),
    isAncestor: (ancestor, of) =>
      life.call('repository.isAncestor', () => repository.isAncestor(ancestor, of)),
    listTree: (commit, directory) =>
      life.call('repository.listTree', () => repository.listTree(commit, directory)),
    readBlobs: (oids, bytesMax) =>
      life.call('repository.readBlobs', () => repository.readBlobs(oids, bytesMax)),
    writeCommit: (commit) => life.call('repository.writeCommit', () => repository.writeCommit(commit)),
    publish: (branch, to, expected) =>
      life.call('repository.publish', () => repository.publish(branch, to, expected)),
    fetch: (branches) => life.call('repository.fetch', () => repository.fetch(branches)),
    watch: (onChange) => life.call('repository.watch', () => repository.watch(life.hearing(onChange))),
    close: () => life.call('repository.close', () => repository.close()),
  };
}

export function driverOf(driver: DriverOfShares, life: ProcessLife): DriverOfShares {
  const { probe, shareOf } = driver;
  return {
    name: driver.name,
    open: () => life.call('driver.open', () => driver.open()),
    close: () => life.call('driver.close', () => driver.close()),
    shutDown: () => life.call('driver.shutDown', () => driver.shutDown()),
    list: () => life.call('driver.list', () => driver.list()),
    ...(shareOf && { shareOf: (podUid: string) => life.call('driver.shareOf', () => shareOf(podUid)) }),
    sandboxes: () => life.call('driver.sandboxes', () => driver.sandboxes()),
    onChange: (listener) => driver.onChange(life.hearing(listener)),
    image: (image, policy) => life.call('driver.image', () => driver.image(image, policy)),
    createSandbox: (spec) => life.call('driver.createSandbox', () => driver.createSandbox(spec)),
    writeVolume: (podUid, volume, content) =>
      life.call('driver.writeVolume', () => driver.writeVolume(podUid, volume, content)),
    startContainer: (spec) => life.call('driver.startContainer', () => driver.startContainer(spec)),
    signal: (id, signal) => life.call('driver.signal', () => driver.signal(id, signal)),
    removeContainer: (id) => life.call('driver.removeContainer', () => driver.removeContainer(id)),
    removeSandbox: (podUid) => life.call('driver.removeSandbox', () => driver.removeSandbox(podUid)),
    removeVolumeData: (handle) => life.call('driver.removeVolumeData', () => driver.removeVolumeData(handle)),
    exec: (id, request) => life.call('driver.exec', () => driver.exec(id, request)),
    ...(probe !== undefined && { probe: (id, kind) => life.call('driver.probe', () => probe(id, kind)) }),
    execStream: (id, options) => life.call('driver.execStream', () => driver.execStream(id, options)),
    attach: (id, options) => life.call('driver.attach', () => driver.attach(id, options)),
    logs: (id, options) => driver.logs(id, options),
    terminationMessage: (id, path, bytesMax) =>
      life.call('driver.terminationMessage', () => driver.terminationMessage(id, path, bytesMax)),
    stats: () => life.call('driver.stats', () => driver.stats()),
  };
}
