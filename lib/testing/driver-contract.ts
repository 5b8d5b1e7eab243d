import type { ExecutionContext, SerialFn, TestFn } from 'ava';
import type { ContainerRecord, ContainerSpec, PodDriver, SandboxSpec } from '../runtime/driver.ts';
import { containerIdOf } from '../runtime/driver.ts';

export const contractPrograms = ['stays', 'exits-3', 'ignores-term', 'cannot-start'] as const;
/** What a program of the contract does; a driver's fixture says how it is written for that driver. */
export type ContractProgram = (typeof contractPrograms)[number];

export type ContractFixture = {
  /** Open, with nothing in it. */
  readonly driver: PodDriver;
  /** Another one on the same machine, as a daemon that starts anew has; not open yet. */
  another(): PodDriver;
  program(program: ContractProgram): Pick<ContainerSpec, 'image' | 'command' | 'args'>;
  /** Waits, in the driver's own time, until the condition holds. */
  until(condition: () => Promise<boolean>, what: string): Promise<void>;
};

const POD = 'contract-pod';
const HANDLE = 'pvc-0f0e0d0c-1111-2222-3333-0123456789ab';

function sandboxOf(ports: readonly number[] = []): SandboxSpec {
  return {
    podUid: POD,
    namespace: 'default',
    name: POD,
    hostname: POD,
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
  };
}

/**
 * What every PodDriver does alike. Call it from a driver's test file; `make` gives a driver of the test's own, and sees to
 * its end with `t.teardown`.
 */
export function driverContract(
  test: TestFn | SerialFn,
  name: string,
  make: (t: ExecutionContext) => Promise<ContractFixture>,
): void {
  type Run = {
    readonly f: ContractFixture;
    readonly spec: ContainerSpec;
    record(): Promise<ContainerRecord | undefined>;
  };
  const specOf = (f: ContractFixture, program: ContractProgram, attempt = 0): ContainerSpec => ({
    id: containerIdOf(POD, 'main', attempt),
    podUid: POD,
    container: 'main',
    attempt,
    ...f.program(program),
    env: [],
    workingDir: null,
    mounts: [],
    stdin: false,
    tty: false,
    user: null,
    group: null,
    cpuLimitMillis: null,
    memoryLimitBytes: null,
  });
  const started = async (t: ExecutionContext, program: ContractProgram): Promise<Run> => {
    const f = await make(t);
    await f.driver.createSandbox(sandboxOf());
    const spec = specOf(f, program);
    await f.driver.startContainer(spec);
    const record = async (): Promise<ContainerRecord | undefined> =>
      (await f.driver.list()).find(({ id }) => id === spec.id);
    return { f, spec, record };
  };
  const ended = async ({ f, record }: Run): Promise<void> =>
    f.until(async () => (await record())?.state.phase !== 'running', 'the container has ended');

  test(`${name}: a sandbox is created once and stays until it is removed`, async (t) => {
    const { driver } = await make(t);
    const first = await driver.createSandbox(sandboxOf([8080]));
    const again = await driver.createSandbox(sandboxOf([8080]));
    t.is(again.podIP, first.podIP);
    t.deepEqual([...again.ports], [...first.ports]);
    t.true(first.ports.has(8080));
    t.is((await driver.sandboxes()).length, 1);
    await driver.removeSandbox(POD);
    await driver.removeSandbox(POD);
    t.is((await driver.sandboxes()).length, 0);
  });

  test(`${name}: starting is idempotent by id`, async (t) => {
    const { f, spec, record } = await started(t, 'stays');
    const before = await record();
    await Promise.all([f.driver.startContainer(spec), f.driver.startContainer(spec)]);
    t.is(before?.state.phase, 'running');
    t.deepEqual((await record())?.state, before?.state);
    t.is((await f.driver.list()).length, 1);
  });

  test(`${name}: an exit code is kept`, async (t) => {
    const run = await started(t, 'exits-3');
    await ended(run);
    t.like((await run.record())?.state, { phase: 'exited', exitCode: 3, signal: null });
  });

  test(`${name}: an ended run is not started again by its id`, async (t) => {
    const run = await started(t, 'exits-3');
    await ended(run);
    const before = await run.record();
    await run.f.driver.startContainer(run.spec);
    t.deepEqual(await run.record(), before);
  });

  test(`${name}: SIGTERM ends a program that heeds it, and its listeners hear`, async (t) => {
    const run = await started(t, 'stays');
    let heard = false;
    const listener = run.f.driver.onChange((podUid) => {
      heard ||= podUid === POD;
    });
    await run.f.driver.signal(run.spec.id, 'SIGTERM');
    await ended(run);
    await run.f.until(async () => heard, 'the change was told');
    listener.close();
    const state = (await run.record())?.state;
    t.is(state?.phase === 'exited' ? (state.exitCode ?? 128 + (state.signal ?? 0)) : null, 143);
  });

  test(`${name}: SIGKILL ends a program that heeds nothing else`, async (t) => {
    const run = await started(t, 'ignores-term');
    await run.f.driver.signal(run.spec.id, 'SIGTERM');
    t.is((await run.record())?.state.phase, 'running');
    await run.f.driver.signal(run.spec.id, 'SIGKILL');
    await ended(run);
    const state = (await run.record())?.state;
    t.is(state?.phase === 'exited' ? (state.exitCode ?? 128 + (state.signal ?? 0)) : null, 137);
  });

  test(`${name}: a program that cannot be started is a failed run with a reason, not an error`, async (t) => {
    const { record } = await started(t, 'cannot-start');
    const state = (await record())?.state;
    t.is(state?.phase, 'failed');
    t.true(state?.phase === 'failed' && state.message.length > 0);
  });

  test(`${name}: containers outlive the driver, and the next one adopts them`, async (t) => {
    const run = await started(t, 'stays');
    const before = await run.record();
    await run.f.driver.close();
    const next = run.f.another();
    await next.open();
    const adopted = (await next.list()).find(({ id }) => id === run.spec.id);
    t.deepEqual(adopted?.state, before?.state);
    t.is((await next.sandboxes()).length, 1);
    await next.removeSandbox(POD);
    t.is((await next.list()).length, 0);
    await next.close();
  });

  test(`${name}: a claim's volume is removed by its handle, once it is there and when it is not`, async (t) => {
    const { driver } = await make(t);
    await driver.createSandbox(sandboxOf());
    await driver.writeVolume(POD, 'data', { kind: 'claim', handle: HANDLE });
    await driver.removeSandbox(POD);
    await driver.removeVolumeData(HANDLE);
    await t.notThrowsAsync(driver.removeVolumeData(HANDLE));
  });

  test(`${name}: removing forgets a run; removing a sandbox ends what runs in it`, async (t) => {
    const run = await started(t, 'exits-3');
    await ended(run);
    await run.f.driver.removeContainer(run.spec.id);
    await run.f.driver.removeContainer(run.spec.id);
    t.is(await run.record(), undefined);
    await run.f.driver.startContainer(specOf(run.f, 'stays', 1));
    await run.f.driver.removeSandbox(POD);
    t.deepEqual(await run.f.driver.list(), []);
  });
}
