import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { UserError } from '../lib/base/errors.ts';
import { type LogLevel, logLevels } from '../lib/base/log.ts';
import type { FailedRolloutPolicy } from '../lib/daemon/rollout-guard.ts';
import { parseRegistryOptions } from '../lib/runtime/image/registry/registry-options.ts';
import { calmProgress } from './calm-progress.ts';
import type { CommandIo } from './command-io.ts';
import { dataDirectory } from './data-directory.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { nodeCountOf } from './node-count.ts';
import { progressLine } from './progress-line.ts';
import { runDaemon } from './run-daemon.ts';
import { signalled } from './signalled.ts';
import { sourcePath } from './source-path.ts';
import { seconds } from './status.ts';

export type UpOptions = {
  readonly repo: string;
  readonly branch: string;
  readonly path: string;
  readonly data?: string;
  readonly runtime: 'auto' | 'linux' | 'process' | 'simulated';
  readonly onFailedRollout: FailedRolloutPolicy;
  readonly poll: string;
  readonly statusBranch: string;
  readonly takeOverStatus?: boolean;
  readonly allowHostAccess?: boolean;
  readonly assumeHostImages?: boolean;
  readonly registryMirror: readonly string[];
  readonly insecureRegistry: readonly string[];
  readonly nodeName?: string;
  readonly nodes: string;
  readonly staticPods?: string;
  readonly apiPort: string;
  readonly apiAddress: string;
  readonly logLevel: string;
  readonly output: string;
};

/** `pintle up`: runs until it is asked to end. A signal leaves the pods alone; `pintle down` stops them. */
export async function upCommand(options: UpOptions, io: CommandIo): Promise<ExitCode> {
  const json = options.output === 'json';
  const ending = signalled(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const running = await runDaemon({
    repository: options.repo,
    cwd: io.cwd,
    branch: options.branch,
    path: sourcePath(options.path),
    dataDirectory: dataDirectory(options.data, io),
    runtime: options.runtime,
    policy: options.onFailedRollout,
    pollIntervalMs: Math.max(1, seconds(options.poll)) * 1000,
    statusBranch: options.statusBranch,
    takeOverStatus: options.takeOverStatus === true,
    allowHostAccess: options.allowHostAccess === true,
    assumeHostImages: options.assumeHostImages === true,
    registries: parseRegistryOptions({ mirrors: options.registryMirror, insecure: options.insecureRegistry }),
    nodeName: nodeNameOf(options.nodeName),
    nodeCount: nodeCountOf(options.nodes),
    staticPods: options.staticPods,
    logLevel: levelOf(options.logLevel),
    api: { address: addressOf(options.apiAddress), port: portOf(options.apiPort) },
  });
  const isWorthALine = calmProgress();
  running.subscribe((event) => {
    if (json) io.stdout(`${JSON.stringify({ format: 1, ...event })}\n`);
    else if (isWorthALine(event)) io.stdout(`${progressLine(event, io)}\n`);
  });
  io.stderr(
    `pintle follows ${running.location} ${options.branch}; state in ${running.dataDirectory}; runtime ${running.runtime}; Kubernetes API on port ${running.apiPort}\n`,
  );
  if (running.advice !== null) io.stderr(`${running.advice}\n`);
  const reason = await running.ended({ signalled: ending });
  if (reason === 'signal')
    io.stderr('The daemon has ended; its pods run on (pintle down would have stopped them).\n');
  return exitCodes.ok;
}

function portOf(option: string): number {
  if (/^\d{1,5}$/.test(option) && Number(option) < 65_536) return Number(option);
  throw new UserError('USAGE', `--api-port takes a port number, not ${option}`);
}

function addressOf(option: string): string {
  if (isIP(option) !== 0) return option;
  throw new UserError('USAGE', `--api-address takes an IP address, not ${option}`);
}

/** The host name as a DNS subdomain, as a kubelet takes it. */
function nodeNameOf(option: string | undefined): string {
  const name = (option ?? hostname())
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    // Of 253 characters; the last are for the numbers of further nodes.
    .slice(0, 249)
    .replace(/[^a-z0-9]+$/, '');
  return name === '' ? 'localhost' : name;
}

function levelOf(text: string): LogLevel {
  const level = logLevels.find((each) => each === text);
  if (level === undefined) throw new UserError('USAGE', `no log level ${text}`);
  return level;
}
