import type { Container } from '../../schema/types.gen.ts';
import { type Variable, variableName } from './service-variables.ts';

/**
 * `PORT`, and `PORT_<NAME>` for each named port: where this container has to listen. Under a driver whose pods share one
 * network that is not what the manifest says, and a program that reads PORT need not know. User variables go before these.
 */
export function portVariables(container: Container, ports: ReadonlyMap<number, number>): readonly Variable[] {
  const declared = container.ports ?? [];
  const first = declared[0];
  if (first === undefined) return [];
  const listening = (port: number): string => String(ports.get(port) ?? port);
  return [
    { name: 'PORT', value: listening(first.containerPort) },
    ...declared.flatMap(({ name, containerPort }) =>
      name === undefined || name === ''
        ? []
        : [{ name: `PORT_${variableName(name)}`, value: listening(containerPort) }],
    ),
  ];
}
