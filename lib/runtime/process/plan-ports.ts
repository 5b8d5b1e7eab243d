import { WorldError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SandboxSpec } from '../driver.ts';

/** Ports given out where the wanted one cannot be had: below the kernel's own choice (32768) and below NodePorts (30000). */
export const SPARE_PORTS = { first: 20_000, last: 29_999 } as const;

export type PortPlanInput = {
  readonly wanted: SandboxSpec['ports'];
  /** Ports that other sandboxes want or have. */
  readonly taken: ReadonlySet<number>;
  /** Ports below this need privileges that the pod does not have. */
  readonly firstUnprivileged: number;
  /** Where in the spare ports to begin looking. */
  readonly spareFrom: number;
  readonly isFree: (port: number, protocols: ReadonlySet<'TCP' | 'UDP'>) => Promise<boolean>;
};

/**
 * Where each container port really listens: at itself when nobody else wants it and it is free now, else at a spare port. All pods
 * share the machine's ports, and programs listen on all addresses.
 * Throws WorldError DRIVER_FAILED when no port is free.
 */
export async function planPorts(input: PortPlanInput): Promise<readonly (readonly [number, number])[]> {
  const protocols = new Map<number, Set<'TCP' | 'UDP'>>();
  for (const { port, protocol } of input.wanted) {
    const set = protocols.get(port) ?? new Set();
    if (protocol !== 'SCTP') set.add(protocol);
    protocols.set(port, set);
  }
  const taken = new Set(input.taken);
  const plan: (readonly [number, number])[] = [];
  for (const [port, uses] of protocols) {
    const asIs = port >= input.firstUnprivileged && !taken.has(port);
    const real = asIs && (await input.isFree(port, uses)) ? port : await sparePort(input, uses, taken);
    taken.add(real);
    plan.push([port, real]);
  }
  return plan;
}

async function sparePort(
  input: PortPlanInput,
  uses: ReadonlySet<'TCP' | 'UDP'>,
  taken: ReadonlySet<number>,
): Promise<number> {
  const count = SPARE_PORTS.last - SPARE_PORTS.first + 1;
  let probes = 0;
  for (let step = 0; step < count && probes < limits.sandboxPortAttemptsMax; step += 1) {
    const port = SPARE_PORTS.first + ((input.spareFrom + step) % count);
    if (taken.has(port)) continue;
    probes += 1;
    if (await input.isFree(port, uses)) return port;
  }
  throw new WorldError('DRIVER_FAILED', 'no free port for the pod on this machine');
}
