import type { Clock } from '../../base/clock.ts';
import { WorldError } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import { runProgram } from '../../base/run-program.ts';
import type { MachineNetwork } from './machine-network.ts';

type Way = { readonly route: readonly string[] };

/**
 * Where the machine's own packets to Services go. By rules: to the bridge, so that they have the machine's address for pods, and go
 * nowhere when a rule is missing. By the proxy: to the machine itself, where every address of the range can be listened at.
 */
function wayOf({ serviceRange, bridge, gateway }: MachineNetwork, by: MachineNetwork['by']): Way {
  return by === 'nftables'
    ? { route: [serviceRange, 'dev', bridge, 'scope', 'link', 'src', gateway] }
    : { route: ['local', serviceRange, 'dev', 'lo'] };
}

/** Makes the one way, and takes the other back. WorldError ROUTE_FAILED. */
export async function setServiceRoute(
  machine: MachineNetwork,
  by: MachineNetwork['by'],
  clock: Clock,
): Promise<void> {
  await removeWay(wayOf(machine, by === 'nftables' ? 'proxy' : 'nftables'), clock);
  const { route } = wayOf(machine, by);
  const said = await ip(['route', 'replace', ...route], clock);
  if (said !== null) throw new WorldError('ROUTE_FAILED', `ip route replace ${route.join(' ')}: ${said}`);
}

/** Makes the way again where it is gone, as it is when its bridge was. WorldError ROUTE_FAILED. */
export async function keepServiceRoute(machine: MachineNetwork, clock: Clock): Promise<void> {
  const { route } = wayOf(machine, 'nftables');
  const args = ['-o', 'route', 'show', machine.serviceRange, 'dev', machine.bridge];
  const { output } = await runProgram({ program: 'ip', args, timeoutMs: timings.networkToolMs, clock });
  if (output.trim() !== '') return;
  const said = await ip(['route', 'replace', ...route], clock);
  if (said !== null) throw new WorldError('ROUTE_FAILED', `ip route replace ${route.join(' ')}: ${said}`);
}

/** Takes back whichever there is. */
export async function removeServiceRoute(machine: MachineNetwork, clock: Clock): Promise<void> {
  for (const by of ['nftables', 'proxy'] as const) await removeWay(wayOf(machine, by), clock);
}

async function removeWay({ route }: Way, clock: Clock): Promise<void> {
  // What is not there cannot be removed.
  await ip(['route', 'del', ...route], clock);
}

/** null: it went through. */
async function ip(args: readonly string[], clock: Clock): Promise<string | null> {
  try {
    const { exitCode, said } = await runProgram({
      program: 'ip',
      args,
      timeoutMs: timings.networkToolMs,
      clock,
    });
    return exitCode === 0 ? null : said.slice(0, limits.toolWordsMax).trim();
  } catch (thrown) {
    if (!(thrown instanceof WorldError)) throw thrown;
    return thrown.message;
  }
}
