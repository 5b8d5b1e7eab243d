import { isIPv4 } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import { codeOf, WorldError } from '../../../base/errors.ts';
import { isArray, isObject, type JsonObject } from '../../../base/json.ts';
import { timings } from '../../../base/limits.ts';
import { runProgram } from '../../../base/run-program.ts';

export type HostLink = {
  readonly name: string;
  /** What its owner wrote on it (ifalias); '' when nothing. */
  readonly alias: string;
  /** `bridge`, `veth`, `tun`; '' for what is made of metal. */
  readonly kind: string;
  readonly mtu: number;
  /** The bridge it is a port of; '' when of none. */
  readonly bridge: string;
};

export type HostRoute = {
  /** `default`, `192.0.2.0/24`, `192.0.2.2`. */
  readonly range: string;
  readonly device: string;
};

/** Asks ip(8) about this machine. WorldError IPROUTE_MISSING | IPROUTE_FAILED. */
export async function hostLinks(clock: Clock): Promise<readonly HostLink[]> {
  return (await askIp(['-d', 'link', 'show'], clock)).map((link) => {
    const info = isObject(link.linkinfo) ? link.linkinfo : {};
    return {
      name: String(link.ifname ?? ''),
      alias: String(link.ifalias ?? ''),
      kind: String(info.info_kind ?? ''),
      mtu: Number(link.mtu ?? 0),
      bridge: String(link.master ?? ''),
    };
  });
}

/** Every IPv4 route of every table, those to its own addresses too; the default ones are `default`. */
export async function hostRoutes(clock: Clock): Promise<readonly HostRoute[]> {
  return (await askIp(['-4', 'route', 'show', 'table', 'all'], clock)).flatMap(({ dst, dev, type }) => {
    const range = String(dst ?? '');
    if (type === 'broadcast' || type === 'multicast') return [];
    if (range !== 'default' && !isIPv4(range.split('/')[0] ?? '')) return [];
    return [{ range, device: String(dev ?? '') }];
  });
}

async function askIp(args: readonly string[], clock: Clock): Promise<readonly JsonObject[]> {
  const run = { program: 'ip', args: ['-j', ...args], timeoutMs: timings.networkToolMs, clock };
  const { exitCode, output, said } = await runProgram(run).catch((thrown: unknown) => {
    throw codeOf(thrown) === 'PROGRAM_MISSING' ? ipMissing() : thrown;
  });
  if (exitCode !== 0)
    throw new WorldError('IPROUTE_FAILED', `ip ${args.join(' ')}: ${said.trim()}`, { exitCode });
  const answer: unknown = output.trim() === '' ? [] : JSON.parse(output);
  return isArray(answer) ? answer.filter(isObject) : [];
}

export function ipMissing(): WorldError {
  return new WorldError(
    'IPROUTE_MISSING',
    'the linux runtime needs ip(8), which is not installed: install iproute2, or use --runtime process',
  );
}
