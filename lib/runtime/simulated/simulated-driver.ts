import type { LogOptions } from '../../api/node-agent.ts';
import type { Clock, EpochMs, Timer } from '../../base/clock.ts';
import { WorldError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { ContainerId, ContainerSpec, Sandbox, SandboxSpec } from '../driver.ts';
import type { DriverOfShares } from '../driver-view.ts';
import { BEHAVIOUR_ANNOTATION, behaviourOf, type SimulatedBehaviour } from './simulated-behaviour.ts';
import { simulatedLog } from './simulated-log.ts';
import { recordAt, type SimulatedContainer, type SimulatedState } from './simulated-state.ts';

const CPU_WINDOW_MS = 15_000;

/**
 * Pods without processes, on the clock it is given: what containers do comes from their image's behaviour and the pod's
 * annotation. The same seed, clock and calls give the same run.
 */
export function simulatedDriver(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly state: SimulatedState;
  /** By image; unset, or an empty answer: a calm container. */
  readonly behaviours?: (image: string) => Partial<SimulatedBehaviour>;
}): DriverOfShares {
  const { clock, random, state } = options;
  const listeners = new Set<(podUid: string) => void>();
  const timers = new Map<ContainerId, Timer>();
  /** Starts that wait for their delay; closing lets them go. */
  const starting = new Set<() => void>();
  let isOpen = false;

  const checkOpen = (): void => {
    if (!isOpen) throw new WorldError('AGENT_DOWN', 'The simulated driver is closed.');
  };
  const tell = (podUid: string): void => {
    for (const listener of listeners) listener(podUid);
  };
  /** Tells of the container's next change when it comes. */
  const watch = (container: SimulatedContainer): void => {
    timers.get(container.id)?.cancel();
    timers.delete(container.id);
    const next = [container.startsAtMs, container.endsAtMs].find((at) => at > clock.now());
    if (next === undefined || next === Number.POSITIVE_INFINITY) return;
    const fire = (): void => {
      watch(container);
      tell(container.podUid);
    };
    timers.set(container.id, clock.setTimer(next - clock.now(), fire));
  };
  /** Ids by pod; what another driver put into the same state is found when this one opens. */
  const byPod = new Map<string, Set<ContainerId>>();
  const remember = ({ id, podUid }: SimulatedContainer): void => {
    const ids = byPod.get(podUid) ?? new Set();
    byPod.set(podUid, ids.add(id));
  };
  const put = (container: SimulatedContainer): void => {
    state.containers.set(container.id, container);
    remember(container);
    watch(container);
  };
  const required = (id: ContainerId): SimulatedContainer => {
    checkOpen();
    const container = state.containers.get(id);
    if (container === undefined) throw new WorldError('DRIVER_FAILED', `There is no container ${id}.`);
    return container;
  };
  const forget = (id: ContainerId): void => {
    timers.get(id)?.cancel();
    timers.delete(id);
    const { podUid = '' } = state.containers.get(id) ?? {};
    const ids = byPod.get(podUid);
    ids?.delete(id);
    if (ids?.size === 0) byPod.delete(podUid);
    state.containers.delete(id);
  };
  const endAt = (container: SimulatedContainer, at: EpochMs, signal: number): void => {
    if (at >= container.endsAtMs) return;
    put({ ...container, endsAtMs: at, exitCode: 128 + signal, signal });
    if (at <= clock.now()) tell(container.podUid);
  };
  const newContainer = (spec: ContainerSpec, now: EpochMs): SimulatedContainer => {
    const annotation = state.sandboxes.get(spec.podUid)?.annotation;
    const behaviour = behaviourOf(annotation, spec.container, options.behaviours?.(spec.image) ?? {});
    const startsAtMs = now + behaviour.startDelayMs;
    const jitterMs = Math.floor(random.next() * behaviour.exitJitterMs);
    const ranMs =
      behaviour.exitAfterMs === null ? Number.POSITIVE_INFINITY : behaviour.exitAfterMs + jitterMs;
    state.serial += 1;
    const { id, podUid, container, attempt } = spec;
    return {
      ...{ id, podUid, container, attempt, pid: state.serial, behaviour, startsAtMs, signal: null },
      endsAtMs: startsAtMs + ranMs,
      exitCode: behaviour.exitCode,
    };
  };
  const newSandbox = (spec: SandboxSpec): Sandbox & { readonly annotation: string | undefined } => {
    state.serial += 1;
    const { serial } = state;
    return {
      podUid: spec.podUid,
      ...(spec.node && { nodeName: spec.node.name }),
      podIP: `10.${(serial >> 16) & 255}.${(serial >> 8) & 255}.${serial & 255}`,
      ports: new Map(spec.ports.map(({ port }) => [port, port])),
      limitations: [],
      annotation: spec.annotations?.[BEHAVIOUR_ANNOTATION],
    };
  };

  return {
    name: 'simulated',
    async open() {
      isOpen = true;
      byPod.clear();
      for (const container of state.containers.values()) {
        remember(container);
        watch(container);
      }
    },
    async close() {
      isOpen = false;
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
      for (const letGo of starting) letGo();
      listeners.clear();
    },
    async shutDown() {
      for (const id of [...state.containers.keys()]) forget(id);
      state.sandboxes.clear();
      state.volumes.clear();
    },
    async list() {
      checkOpen();
      const now = clock.now();
      return [...state.containers.values()].flatMap((container) => recordAt(container, now) ?? []);
    },
    async shareOf(podUid) {
      checkOpen();
      const now = clock.now();
      const containers = [...(byPod.get(podUid) ?? [])].flatMap((id) => {
        const container = state.containers.get(id);
        return container === undefined ? [] : (recordAt(container, now) ?? []);
      });
      return { sandbox: state.sandboxes.get(podUid) ?? null, containers };
    },
    async sandboxes() {
      checkOpen();
      return [...state.sandboxes.values()];
    },
    onChange(listener) {
      listeners.add(listener);
      return { close: () => void listeners.delete(listener) };
    },
    async image() {
      checkOpen();
      return { ok: true, imageId: 'simulated' };
    },
    async createSandbox(spec) {
      checkOpen();
      const sandbox = state.sandboxes.get(spec.podUid) ?? newSandbox(spec);
      state.sandboxes.set(spec.podUid, sandbox);
      return sandbox;
    },
    // There is nothing in them.
    async removeVolumeData() {
      checkOpen();
    },
    async writeVolume(podUid, volume, content) {
      checkOpen();
      const volumes = state.volumes.get(podUid) ?? new Map();
      state.volumes.set(podUid, volumes.set(volume, content));
    },
    async startContainer(spec) {
      checkOpen();
      if (!state.sandboxes.has(spec.podUid)) {
        throw new WorldError('DRIVER_FAILED', `There is no sandbox ${spec.podUid}.`);
      }
      if (!state.containers.has(spec.id)) {
        state.starts.set(spec.id, (state.starts.get(spec.id) ?? 0) + 1);
        put(newContainer(spec, clock.now()));
      }
      const { startsAtMs } = required(spec.id);
      if (startsAtMs > clock.now()) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = clock.setTimer(startsAtMs - clock.now(), resolve);
        starting.add(resolve);
        await promise;
        starting.delete(resolve);
        timer.cancel();
        checkOpen();
      }
      return { limitations: [] };
    },
    async signal(id, signal) {
      const container = required(id);
      const now = clock.now();
      if (signal === 'SIGKILL') return endAt(container, now, 9);
      const { stopAfterMs } = container.behaviour;
      if (stopAfterMs !== null) endAt(container, now + stopAfterMs, signal === 'SIGINT' ? 2 : 15);
    },
    async removeContainer(id) {
      checkOpen();
      forget(id);
    },
    async removeSandbox(podUid) {
      checkOpen();
      for (const id of [...(byPod.get(podUid) ?? [])]) forget(id);
      state.sandboxes.delete(podUid);
      state.volumes.delete(podUid);
    },
    async exec(id) {
      const record = recordAt(required(id), clock.now());
      const running = record?.state.phase === 'running';
      return { exitCode: running ? 0 : 126, timedOut: false, output: '' };
    },
    async probe(id, kind) {
      const { behaviour, startsAtMs, endsAtMs } = required(id);
      const ranMs = clock.now() - startsAtMs;
      if (clock.now() >= endsAtMs) return false;
      if (kind === 'liveness') return ranMs < (behaviour.livenessFailsAfterMs ?? Number.POSITIVE_INFINITY);
      return ranMs >= behaviour.readyAfterMs;
    },
    async execStream(id) {
      required(id);
      return { exited: Promise.resolve(0), resize: () => {}, kill: () => {} };
    },
    async attach(id) {
      const { promise, resolve } = Promise.withResolvers<number | null>();
      const look = (): void => {
        const { endsAtMs, exitCode } = required(id);
        if (clock.now() >= endsAtMs) resolve(exitCode);
        else if (endsAtMs !== Number.POSITIVE_INFINITY) clock.setTimer(endsAtMs - clock.now(), look);
      };
      look();
      return { exited: promise, resize: () => {}, kill: () => resolve(null) };
    },
    async *logs(id: ContainerId, wanted: LogOptions) {
      yield* simulatedLog(required(id), clock, wanted);
    },
    async terminationMessage(id, _path, bytesMax) {
      return required(id).behaviour.terminationMessage.slice(0, bytesMax);
    },
    async diskUsage(podUid, volumes) {
      checkOpen();
      const own = [...state.containers.values()].filter((one) => one.podUid === podUid);
      const written = own.reduce((total, { behaviour }) => total + behaviour.volumeBytes, 0);
      return {
        volumes: new Map(volumes.map((name) => [name, written])),
        containers: new Map(own.map(({ container, behaviour }) => [container, behaviour.diskBytes])),
        otherBytes: 0,
      };
    },
    async stats() {
      checkOpen();
      const now = clock.now();
      return [...state.containers.values()].flatMap((container) => {
        const record = recordAt(container, now);
        if (record?.state.phase !== 'running') return [];
        const { cpuMillis, memoryBytes } = container.behaviour;
        const { podUid, container: name } = container;
        return [{ podUid, container: name, cpuMillis, memoryBytes, atMs: now, windowMs: CPU_WINDOW_MS }];
      });
    },
  };
}
