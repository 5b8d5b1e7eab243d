import { ApiError } from '../../api/api-error.ts';
import type { ContainerTarget, NodeAgent } from '../../api/node-agent.ts';
import type { Exchange } from '../exchange.ts';
import type { Target } from '../resources/target.ts';
import { writeText } from '../wire/write-response.ts';
import { type CommandOptions, commandOptions, containerRuns } from './command-options.ts';
import { exitStatus, successfulStatus } from './command-status.ts';
import { type CommandClient, runCommand } from './run-command.ts';
import { openSpdy, spdyProtocol } from './spdy/open-spdy.ts';
import { SPDY_COMMAND_PROTOCOLS, spdyCommand } from './spdy/spdy-command.ts';
import { streamedPod } from './streamed-pod.ts';
import { openWebSocket, webSocketProtocol } from './websocket/open-websocket.ts';
import { WEBSOCKET_COMMAND_PROTOCOLS, webSocketCommand } from './websocket/web-socket-command.ts';

/** What ends by a signal that nobody tells of. Source: a shell's 128 + SIGKILL. */
const KILLED_EXIT_CODE = 137;

/**
 * exec and attach. What is refused is answered as HTTP: NotFound, BadRequest; 500 for a container that does not run, in the kubelet's
 * words, which kubectl prints. From the upgrade on everything is told on the status channel.
 */
export async function answerCommand(exchange: Exchange, target: Target): Promise<void> {
  const { query } = exchange;
  const { pod, agent } = await streamedPod(exchange, target);
  const isExec = target.info.subresource === 'exec';
  const options = commandOptions(query, pod);
  if (isExec && options.command.length === 0) {
    throw new ApiError('BadRequest', 'you must specify at least one command for the container');
  }
  const node = agent();
  if (exchange.upgrade === null) throw new ApiError('BadRequest', 'Upgrade request required');
  if (!containerRuns(pod, options.container)) {
    writeText(exchange.response, 500, `container not found (${JSON.stringify(options.container)})`);
    return;
  }
  const place: ContainerTarget = {
    namespace: target.info.namespace,
    pod: pod.metadata.name,
    container: options.container,
  };
  const client = await openClient(exchange, options);
  if (client === null) return;
  await runCommand(client, isExec ? execution(node, place, options) : attachment(node, place, options));
}

async function openClient(exchange: Exchange, wanted: CommandOptions): Promise<CommandClient | null> {
  const { clock } = exchange.deps;
  if (exchange.upgrade?.protocol === 'websocket') {
    const protocol = webSocketProtocol(exchange, WEBSOCKET_COMMAND_PROTOCOLS);
    return webSocketCommand(openWebSocket(exchange, protocol), { wanted, protocol, clock });
  }
  const protocol = spdyProtocol(exchange, SPDY_COMMAND_PROTOCOLS);
  if (protocol === null) return null;
  return spdyCommand(openSpdy(exchange, protocol), { wanted, protocol, clock });
}

type Command = Parameters<typeof runCommand>[1];

function execution(node: NodeAgent, place: ContainerTarget, { command, tty }: CommandOptions): Command {
  return {
    start: (streams) => node.exec(place, { ...streams, command, tty }),
    statusOf: (exitCode) => exitStatus(exitCode ?? KILLED_EXIT_CODE),
    failing: 'error executing command in container',
  };
}

function attachment(node: NodeAgent, place: ContainerTarget, { tty }: CommandOptions): Command {
  return {
    start: (streams) => node.attach(place, { ...streams, tty }),
    // How the container ended is in the pod's status.
    statusOf: () => successfulStatus,
    failing: 'error attaching to container',
  };
}
