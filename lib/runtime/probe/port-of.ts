import type { Container } from '../../schema/types.gen.ts';
import type { Sandbox } from '../driver.ts';

/** The container port that a probe or hook names by number, text or name; null when there is none. */
export function containerPortOf(container: Container, port: number | string): number | null {
  const named = container.ports?.find(({ name }) => name !== undefined && name === port)?.containerPort;
  const number = named ?? (/^[0-9]{1,5}$/.test(String(port)) ? Number(port) : 0);
  return number >= 1 && number <= 65535 ? number : null;
}

/** Where a port of the pod really listens. */
export function listeningPort(sandbox: Sandbox, port: number): number {
  return sandbox.ports.get(port) ?? port;
}
