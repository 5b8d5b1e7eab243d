import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApiError } from '../api/api-error.ts';
import type { ContainerTarget, ExecOptions, ExecSession, LogOptions } from '../api/node-agent.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import type { Pod } from '../schema/types.gen.ts';
import { containerOf } from './container/container-spec.ts';
import type { ContainerId, ContainerRecord, Sandbox } from './driver.ts';
import { statusOfContainer } from './pod/container-run.ts';
import { isPodListening, readListeners } from './pod-listener.ts';
import { listeningPort } from './probe/port-of.ts';
import type { RuntimeEdge } from './runtime-edge.ts';

type FindPod = (namespace: string, name: string) => Pod | undefined;

/** Logs, exec, attach and port forwarding of one node's pods. Refusals are those of the kubelet. */
export type PodStreams = {
  logs(target: ContainerTarget, options: LogOptions): AsyncIterable<Uint8Array>;
  exec(target: ContainerTarget, options: ExecOptions): Promise<ExecSession>;
  attach(target: ContainerTarget, options: Omit<ExecOptions, 'command'>): Promise<ExecSession>;
  forward(target: Omit<ContainerTarget, 'container'>, port: number): Promise<Duplex>;
};

export function podStreams(edge: RuntimeEdge, findPod: FindPod): PodStreams {
  const { driver, view } = edge;
  const podOf = ({ namespace, pod }: Omit<ContainerTarget, 'container'>): Pod => {
    const found = findPod(namespace, pod);
    if (found !== undefined) return found;
    throw new ApiError('NotFound', `pods "${pod}" not found`, { details: { kind: 'pods', name: pod } });
  };
  const runsOf = async (target: ContainerTarget): Promise<readonly ContainerRecord[]> => {
    const pod = podOf(target);
    if (containerOf(pod, target.container) === undefined) {
      throw new ApiError('BadRequest', `container ${target.container} is not valid for pod ${target.pod}`);
    }
    const { containers } = await view.read(pod.metadata.uid ?? '');
    return containers
      .filter(({ container }) => container === target.container)
      .sort((a, b) => a.attempt - b.attempt);
  };
  const waiting = (target: ContainerTarget): ApiError => {
    const reason = statusOfContainer(podOf(target), target.container)?.state?.waiting?.reason;
    const text = `container "${target.container}" in pod "${target.pod}" is waiting to start`;
    return new ApiError('BadRequest', `${text}: ${reason ?? 'ContainerCreating'}`);
  };
  const running = async (target: ContainerTarget): Promise<ContainerId> => {
    const latest = (await runsOf(target)).at(-1);
    if (latest === undefined) throw waiting(target);
    if (latest.state.phase === 'running') return latest.id;
    throw new ApiError('BadRequest', `container ${target.container} of pod ${target.pod} is not running`);
  };
  return {
    async *logs(target, options) {
      const runs = await runsOf(target);
      const run = runs.at(options.previous === true ? -2 : -1);
      if (run === undefined) {
        if (options.previous !== true) throw waiting(target);
        const text = `previous terminated container "${target.container}" in pod "${target.pod}" not found`;
        throw new ApiError('BadRequest', text);
      }
      yield* driver.logs(run.id, options);
    },
    async exec(target, options) {
      return driver.execStream(await running(target), options);
    },
    async attach(target, options) {
      return driver.attach(await running(target), options);
    },
    async forward(target, port) {
      const pod = podOf(target);
      const { sandbox } = await view.read(pod.metadata.uid ?? '');
      if (sandbox === null) throw new ApiError('BadRequest', `pod ${target.pod} is not running`);
      const place = { host: sandbox.podIP, port: listeningPort(sandbox, port) };
      if (!(await isOwnPort(sandbox, place.port)))
        throw noAnswer(place.port, new Error('nothing listens there'));
      return connected(place);
    },
  };
}

/** Whoever may reach a pod's ports is not to reach those of the machine whose network it shares. */
async function isOwnPort({ podIP, user }: Sandbox, port: number): Promise<boolean> {
  if (user === undefined) return true;
  const tables = await readListeners();
  return tables === null || isPodListening(tables, { podIP, port, user });
}

function connected({ host, port }: { readonly host: string; readonly port: number }): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  // Each direction ends by itself.
  const socket = connect({ host, port, allowHalfOpen: true });
  const refused = (failure: Error): void => reject(noAnswer(port, failure));
  socket.once('error', refused);
  socket.once('connect', () => {
    socket.off('error', refused);
    resolve(socket);
  });
  return promise;
}

function noAnswer(port: number, failure: Error): WorldError {
  return new WorldError('DRIVER_FAILED', `Port ${port} of the pod does not answer: ${messageOf(failure)}`);
}
