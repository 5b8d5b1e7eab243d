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
  /** The pod whose host port it is, `namespace/name`; then `service` is ''. */
  readonly pod?: string;
  /** Backends see the client's own address, where it can be had. Unset: the machine's, unless the client is a pod. */
  readonly keepsSource?: boolean;
  /** Clients that may connect, `192.0.2.0/24`; unset: all. */
  readonly sources?: readonly string[];
};

export type ProxyTable = readonly ProxyListener[];

/** A place that could not be listened at. `code` as the system says it, e.g. EADDRINUSE. */
export type ListenFailure = Pick<ProxyListener, 'address' | 'port' | 'service' | 'pod'> & {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
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
    ...(typeof value.pod === 'string' && { pod: value.pod }),
    ...(value.keepsSource === true && { keepsSource: true }),
    ...(isArray(value.sources) && { sources: value.sources.filter(isRange) }),
  };
}

/** An IPv4 range, or one address. */
function isRange(value: JsonValue): value is string {
  if (typeof value !== 'string') return false;
  const [address = '', bits = '32', ...more] = value.split('/');
  return isIPv4(address) && /^([12]?\d|3[0-2])$/.test(bits) && more.length === 0;
}

function isAddress(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && isIPv4(value);
}

function isPort(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}
