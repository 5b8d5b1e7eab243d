import type { Clock, DurationMs } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Container, LifecycleHandler, Probe } from '../../schema/types.gen.ts';
import type { ContainerId, PodDriver, Sandbox } from '../driver.ts';
import { grpcProbe } from './grpc-probe.ts';
import { httpProbe } from './http-probe.ts';
import { containerPortOf, listeningPort } from './port-of.ts';
import type { ProbeOutcome } from './prober.ts';
import { tcpProbe } from './tcp-probe.ts';

/** What a probe or a lifecycle hook does: the part of both that acts on a container. */
export type Handler = Pick<Probe, 'exec' | 'grpc' | 'httpGet' | 'tcpSocket'> &
  Pick<LifecycleHandler, 'sleep'>;

export type HandlerTarget = {
  readonly id: ContainerId;
  readonly container: Container;
  readonly sandbox: Sandbox;
  /** Of an http handler that is a hook: it has been told, whatever its status. Source: kubelet pkg/kubelet/lifecycle. */
  readonly anyStatus?: boolean;
};

export type HandlerResult = { readonly outcome: ProbeOutcome; readonly message: string };

/** Runs one handler, for at most `timeoutMs`. Never rejects: what the world does wrong is a failure with its message. */
export async function runHandler(
  handler: Handler,
  target: HandlerTarget,
  timeoutMs: DurationMs,
  edge: { readonly driver: PodDriver; readonly clock: Clock },
): Promise<HandlerResult> {
  if (handler.exec !== undefined) return runExec(handler.exec.command ?? [], target, timeoutMs, edge.driver);
  const abort = new AbortController();
  const timer = edge.clock.setTimer(timeoutMs, () => abort.abort());
  try {
    if (handler.httpGet !== undefined) return await runHttp(handler.httpGet, target, abort.signal);
    if (handler.grpc !== undefined) return await runGrpc(handler.grpc, target, abort.signal);
    if (handler.tcpSocket !== undefined) return await runTcp(handler.tcpSocket, target, abort.signal);
    if (handler.sleep !== undefined) {
      await sleep(Math.min(handler.sleep.seconds * 1000, timeoutMs), edge.clock);
      return { outcome: 'success', message: '' };
    }
    return { outcome: 'success', message: 'no handler' };
  } catch (thrown) {
    const text = abort.signal.aborted ? `timed out after ${timeoutMs / 1000}s` : messageOf(thrown);
    return { outcome: 'failure', message: text };
  } finally {
    timer.cancel();
  }
}

async function runExec(
  command: readonly string[],
  target: HandlerTarget,
  timeoutMs: DurationMs,
  driver: PodDriver,
): Promise<HandlerResult> {
  try {
    const outputBytesMax = limits.probeBodyBytesMax;
    const { exitCode, timedOut, output } = await driver.exec(target.id, {
      command,
      timeoutMs,
      outputBytesMax,
    });
    if (timedOut) return { outcome: 'failure', message: `command timed out after ${timeoutMs / 1000}s` };
    return { outcome: exitCode === 0 ? 'success' : 'failure', message: output };
  } catch (thrown) {
    // The driver is away: nothing is known of the container.
    return { outcome: 'unknown', message: messageOf(thrown) };
  }
}

type Endpoint = { readonly host: string; readonly port: number };

/** Where a handler's port is: the pod's address and the port it really listens at, or a host of the manifest's choosing. */
function endpointOf(
  place: { readonly host?: string | undefined; readonly port: number | string },
  { container, sandbox }: HandlerTarget,
): Endpoint | null {
  const port = containerPortOf(container, place.port);
  if (port === null) return null;
  if (place.host !== undefined && place.host !== '') return { host: place.host, port };
  return { host: sandbox.podIP, port: listeningPort(sandbox, port) };
}

function noPort(port: number | string): HandlerResult {
  return { outcome: 'failure', message: `The container has no port ${JSON.stringify(port)}.` };
}

async function runHttp(
  action: NonNullable<Handler['httpGet']>,
  target: HandlerTarget,
  abort: AbortSignal,
): Promise<HandlerResult> {
  const endpoint = endpointOf(action, target);
  if (endpoint === null) return noPort(action.port);
  const answer = await httpProbe(
    {
      ...endpoint,
      scheme: action.scheme === 'HTTPS' ? 'https' : 'http',
      path: action.path ?? '/',
      headers: action.httpHeaders ?? [],
    },
    abort,
  );
  const ok = answer.ok || target.anyStatus === true;
  return { outcome: ok ? 'success' : 'failure', message: answer.message };
}

async function runGrpc(
  action: NonNullable<Handler['grpc']>,
  target: HandlerTarget,
  abort: AbortSignal,
): Promise<HandlerResult> {
  const endpoint = endpointOf(action, target);
  if (endpoint === null) return noPort(action.port);
  const answer = await grpcProbe({ ...endpoint, service: action.service ?? '' }, abort);
  return { outcome: answer.ok ? 'success' : 'failure', message: answer.message };
}

async function runTcp(
  action: NonNullable<Handler['tcpSocket']>,
  target: HandlerTarget,
  abort: AbortSignal,
): Promise<HandlerResult> {
  const endpoint = endpointOf(action, target);
  if (endpoint === null) return noPort(action.port);
  await tcpProbe(endpoint, abort);
  return { outcome: 'success', message: '' };
}

function sleep(delayMs: DurationMs, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.setTimer(delayMs, resolve);
  return promise;
}
