import { isIPv4 } from 'node:net';
import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';

export type Backend = { readonly address: string; readonly port: number };

/** One place to listen at, and where its connections go. */
export type ProxyListener = {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly port: number;
  /** `namespace/name`, for reports. */
  readonly service: string;
  readonly backends: readonly Backend[];
  /** A client keeps its backend until it has been away this long; null: no affinity. */
  readonly affinitySeconds: number | null;
};

export type ProxyTable = readonly ProxyListener[];

/** A place that could not be listened at. `code` as the system says it, e.g. EADDRINUSE. */
export type ListenFailure = Pick<ProxyListener, 'protocol' | 'address' | 'port' | 'service'> & {
  readonly code: string;
};

/** Reads a table from a message or a file; null when it is not one. */
export function parseProxyTable(value: JsonValue | undefined): ProxyTable | null {
  if (!isArray(value) || value.length > limits.proxyListenersMax) return null;
  const table = value.map(parseListener);
  return table.every((listener) => listener !== null) ? table : null;
}

function parseListener(value: JsonValue): ProxyListener | null {
  if (!isObject(value) || !isArray(value.backends) || value.backends.length > limits.proxyBackendsMax)
    return null;
  const { protocol, address, port, service, affinitySeconds } = value;
  if (protocol !== 'TCP' && protocol !== 'UDP') return null;
  if (!isAddress(address) || !isPort(port) || typeof service !== 'string') return null;
  const backends = value.backends.flatMap((one) =>
    isObject(one) && isAddress(one.address) && isPort(one.port)
      ? [{ address: one.address, port: one.port }]
      : [],
  );
  return {
    protocol,
    address,
    port,
    service,
    backends,
    affinitySeconds: typeof affinitySeconds === 'number' ? affinitySeconds : null,
  };
}

function isAddress(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && isIPv4(value);
}

function isPort(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}
