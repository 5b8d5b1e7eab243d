import { isIPv4 } from 'node:net';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';

export type NamedPort = { readonly name: string; readonly protocol: string; readonly port: number };

export type NamedEndpoint = {
  readonly address: string;
  /** null: it has no name but the one of its address. */
  readonly hostname: string | null;
  readonly ports: readonly NamedPort[];
};

export type NamedService = { readonly name: string; readonly namespace: string } & (
  | { readonly kind: 'cluster'; readonly address: string; readonly ports: readonly NamedPort[] }
  /** Its names are those of its endpoints that are ready. */
  | { readonly kind: 'headless'; readonly endpoints: readonly NamedEndpoint[] }
  | { readonly kind: 'external'; readonly target: string }
);

/** All that the cluster's name server knows. */
export type NameTable = {
  readonly services: readonly NamedService[];
  readonly pods: readonly { readonly namespace: string; readonly address: string }[];
};

export const NO_NAMES: NameTable = { services: [], pods: [] };

/** Reads a table from a message or a file; null when it is not one. What is wrong in it is left out. */
export function parseNameTable(value: JsonValue | undefined): NameTable | null {
  if (!isObject(value) || !isArray(value.services) || !isArray(value.pods)) return null;
  if (value.services.length > limits.dnsServicesMax || value.pods.length > limits.dnsPodsMax) return null;
  return {
    services: value.services.filter(isObject).flatMap(parseService),
    pods: value.pods
      .filter(isObject)
      .flatMap(({ namespace, address }) =>
        isLabel(namespace) && isAddress(address) ? [{ namespace, address }] : [],
      ),
  };
}

function parseService(value: JsonObject): readonly NamedService[] {
  const { name, namespace, kind, address, target, endpoints } = value;
  if (!isLabel(name) || !isLabel(namespace)) return [];
  if (kind === 'cluster' && isAddress(address))
    return [{ name, namespace, kind, address, ports: parsePorts(value.ports) }];
  if (kind === 'external' && typeof target === 'string' && isName(target))
    return [{ name, namespace, kind, target }];
  if (kind !== 'headless' || !isArray(endpoints) || endpoints.length > limits.dnsEndpointsMax) return [];
  return [
    {
      ...{ name, namespace, kind },
      endpoints: endpoints.filter(isObject).flatMap((endpoint) => {
        if (!isAddress(endpoint.address)) return [];
        const hostname = isLabel(endpoint.hostname) ? endpoint.hostname : null;
        return [{ address: endpoint.address, hostname, ports: parsePorts(endpoint.ports) }];
      }),
    },
  ];
}

function parsePorts(value: JsonValue | undefined): readonly NamedPort[] {
  return (isArray(value) ? value : []).filter(isObject).flatMap(({ name, protocol, port }) => {
    if (!isLabel(name) || !isLabel(protocol) || typeof port !== 'number') return [];
    return [{ name, protocol, port }];
  });
}

function isAddress(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && isIPv4(value);
}

/** One label of a name, in lower case. Source: RFC 1123, as Kubernetes names its objects. */
function isLabel(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value);
}

/** A name that can be written on the wire. */
export function isName(value: string): boolean {
  const labels = value.replace(/\.$/, '').split('.');
  return value.length <= 253 && labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label));
}
