import type { ContainerRecord, PodDriver, Sandbox } from './driver.ts';

/** What the driver has of one pod. */
export type DriverShare = {
  readonly sandbox: Sandbox | null;
  readonly containers: readonly ContainerRecord[];
};

/** A driver to which one pod costs less than all of them: one in memory. */
export type DriverOfShares = PodDriver & { shareOf?(podUid: string): Promise<DriverShare> };

/** Reads of everything the driver has, shared by all who ask at the same time. */
export type DriverView = {
  /** As it is no earlier than this call. Rejects with the driver's WorldError. */
  read(podUid: string): Promise<DriverShare>;
  /** The pods of which the driver has anything. */
  podUids(): Promise<readonly string[]>;
};

type Snapshot = ReadonlyMap<string, DriverShare>;

export function driverView(driver: DriverOfShares): DriverView {
  let current: Promise<Snapshot> | null = null;
  let next: Promise<Snapshot> | null = null;

  const start = (): Promise<Snapshot> => {
    const reading = snapshot(driver);
    current = reading;
    const done = (): void => {
      if (current === reading) current = null;
    };
    reading.then(done, done);
    return reading;
  };
  /** A read under way may have missed what the caller just did: it waits for the one after, together with the others. */
  const fresh = (): Promise<Snapshot> => {
    if (current === null) return start();
    const settled = current.then(
      () => {},
      () => {},
    );
    next ??= settled.then(() => {
      next = null;
      return start();
    });
    return next;
  };
  return {
    read: async (podUid) =>
      (await driver.shareOf?.(podUid)) ?? (await fresh()).get(podUid) ?? { sandbox: null, containers: [] },
    podUids: async () => [...(await fresh()).keys()],
  };
}

async function snapshot(driver: PodDriver): Promise<Snapshot> {
  const [sandboxes, records] = await Promise.all([driver.sandboxes(), driver.list()]);
  const byPod = new Map<string, { sandbox: Sandbox | null; containers: ContainerRecord[] }>();
  for (const sandbox of sandboxes) byPod.set(sandbox.podUid, { sandbox, containers: [] });
  for (const record of records) {
    const share = byPod.get(record.podUid) ?? { sandbox: null, containers: [] };
    byPod.set(record.podUid, share);
    share.containers.push(record);
  }
  return byPod;
}
