import { WorldError } from '../../base/errors.ts';
import type { DriverUsage, PodDriver, SandboxNode } from '../driver.ts';
import { type DriverView, driverView } from '../driver-view.ts';

/** A driver as one of the nodes has it. */
export type NodeDriver = {
  /** Makes pods of this node. Closing it fails what is under way for this node alone. */
  readonly driver: PodDriver;
  /** `podUids` are this node's. */
  readonly view: DriverView;
};

/** One driver that holds the pods of several nodes of this machine. */
export type SharedDriver = {
  /** `place`: what its pods are given of the machine, now. */
  of(nodeName: string, place: () => Omit<SandboxNode, 'name'>): NodeDriver;
  /** The pods of a node that the driver has anything of. The driver must be open: one of the nodes runs, or `hold` was called. */
  podsOf(nodeName: string): Promise<readonly string[]>;
  /** Opens the driver whichever nodes run, until `release`. */
  hold(): Promise<void>;
  release(): Promise<void>;
};

/**
 * @param nodes  the names of all nodes there are now. What belongs to none of them (a node of before, or nobody's) is the first one's,
 *   which ends it unless the API has it.
 */
export function sharedDriver(driver: PodDriver, nodes: () => readonly string[]): SharedDriver {
  const view = driverView(driver);
  let holders = 0;
  let opening: Promise<void> = Promise.resolve();
  let usage: Promise<readonly DriverUsage[]> | null = null;

  const hold = (): Promise<void> => {
    holders += 1;
    if (holders === 1) opening = opening.catch(() => undefined).then(() => driver.open());
    return opening;
  };
  const release = async (): Promise<void> => {
    holders -= 1;
    if (holders > 0) return;
    opening = opening.catch(() => undefined).then(() => driver.close());
    await opening;
  };
  /** Of all nodes: who asks at the same time shares the answer, for what a driver measures lies between two questions. */
  const stats = (): Promise<readonly DriverUsage[]> => {
    if (usage !== null) return usage;
    const asked = driver.stats();
    usage = asked;
    const done = (): void => {
      usage = null;
    };
    asked.then(done, done);
    return asked;
  };
  const podsOf = async (nodeName: string): Promise<readonly string[]> => {
    const [sandboxes, podUids] = await Promise.all([driver.sandboxes(), view.podUids()]);
    const names = nodes();
    const owners = new Map(sandboxes.map(({ podUid, nodeName: owner }) => [podUid, owner]));
    return podUids.filter((podUid) => {
      const owner = owners.get(podUid);
      return (owner !== undefined && names.includes(owner) ? owner : names[0]) === nodeName;
    });
  };
  return {
    podsOf,
    hold,
    release,
    of(nodeName, place) {
      let isOpen = false;
      let tells: { close(): void }[] = [];
      const pending = new Set<(why: WorldError) => void>();
      const gone = (): WorldError => new WorldError('AGENT_DOWN', `node ${nodeName} does not run`);
      /** Fails when the node is closed, whatever the driver still does. */
      const call = <T>(effect: () => Promise<T>): Promise<T> => {
        if (!isOpen) return Promise.reject(gone());
        const { promise, resolve, reject } = Promise.withResolvers<T>();
        pending.add(reject);
        effect()
          .then(resolve, reject)
          .finally(() => pending.delete(reject));
        return promise;
      };
      const own: PodDriver = {
        ...callsOf(driver, call),
        async open() {
          await hold();
          isOpen = true;
        },
        async close() {
          if (!isOpen) return;
          isOpen = false;
          for (const tell of tells) tell.close();
          tells = [];
          for (const reject of pending) reject(gone());
          pending.clear();
          await release();
        },
        onChange(listener) {
          const told = driver.onChange(listener);
          tells.push(told);
          return told;
        },
        createSandbox: (spec) =>
          call(() => driver.createSandbox({ ...spec, node: { name: nodeName, ...place() } })),
        stats: () => call(stats),
      };
      return {
        driver: own,
        view: {
          read: (podUid) => call(() => view.read(podUid)),
          podUids: () => call(() => podsOf(nodeName)),
        },
      };
    },
  };
}

type Call = <T>(effect: () => Promise<T>) => Promise<T>;

function callsOf(driver: PodDriver, call: Call): PodDriver {
  const { probe, setFrozen, diskUsage } = driver;
  return {
    name: driver.name,
    open: () => driver.open(),
    close: () => driver.close(),
    shutDown: () => driver.shutDown(),
    onChange: (listener) => driver.onChange(listener),
    list: () => call(() => driver.list()),
    sandboxes: () => call(() => driver.sandboxes()),
    image: (image, policy, options) => call(() => driver.image(image, policy, options)),
    createSandbox: (spec) => call(() => driver.createSandbox(spec)),
    writeVolume: (podUid, volume, content) => call(() => driver.writeVolume(podUid, volume, content)),
    startContainer: (spec) => call(() => driver.startContainer(spec)),
    signal: (id, signal) => call(() => driver.signal(id, signal)),
    removeContainer: (id) => call(() => driver.removeContainer(id)),
    removeSandbox: (podUid) => call(() => driver.removeSandbox(podUid)),
    removeVolumeData: (handle) => call(() => driver.removeVolumeData(handle)),
    exec: (id, request) => call(() => driver.exec(id, request)),
    ...(probe && { probe: (id, kind) => call(() => probe.call(driver, id, kind)) }),
    ...(setFrozen && { setFrozen: (podUid, frozen) => call(() => setFrozen.call(driver, podUid, frozen)) }),
    ...(diskUsage && {
      diskUsage: (podUid, volumes) => call(() => diskUsage.call(driver, podUid, volumes)),
    }),
    execStream: (id, options) => call(() => driver.execStream(id, options)),
    attach: (id, options) => call(() => driver.attach(id, options)),
    logs: (id, options) => driver.logs(id, options),
    terminationMessage: (id, path, bytesMax) => call(() => driver.terminationMessage(id, path, bytesMax)),
    stats: () => call(() => driver.stats()),
  };
}
