import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type NameTable, NO_NAMES, parseNameTable } from '../dns/name-table.ts';
import { type MachineNetwork, parseMachineNetwork } from './machine-network.ts';
import { type ProxyTable, parseProxyTable } from './proxy-table.ts';

/** All that the proxy does. */
export type ProxyState = {
  readonly table: ProxyTable;
  /** null: pods have addresses of the machine's loopback, and it is enough to listen. */
  readonly machine: MachineNetwork | null;
  readonly names: NameTable;
};

export const NOTHING: ProxyState = { table: [], machine: null, names: NO_NAMES };

/** Reads a state from a message or a file; null when it is not one. Of revision 1 there was the table alone. */
export function parseProxyState(value: JsonValue | undefined): ProxyState | null {
  if (isArray(value)) return parseProxyState({ table: value });
  if (!isObject(value)) return null;
  const table = parseProxyTable(value.table);
  const machine = value.machine === undefined || value.machine === null ? null : machineOf(value.machine);
  const names = value.names === undefined ? NO_NAMES : parseNameTable(value.names);
  return table === null || machine === undefined || names === null ? null : { table, machine, names };
}

function machineOf(value: JsonValue): MachineNetwork | undefined {
  return parseMachineNetwork(value) ?? undefined;
}

export function proxyStateJson({ table, machine, names }: ProxyState): JsonObject {
  return {
    table: table.map((listener) => ({ ...listener })),
    machine: machine && { ...machine },
    names: {
      services: names.services.map((service) => ({ ...service })),
      pods: names.pods.map((pod) => ({ ...pod })),
    },
  };
}
