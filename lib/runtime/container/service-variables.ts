import type { Service } from '../../schema/types.gen.ts';

export type Variable = { readonly name: string; readonly value: string };

/** `web-api` → `WEB_API`. */
export function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

function hasAddress({ spec }: Service): boolean {
  const { clusterIP } = spec;
  return clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None' && (spec.ports ?? []).length > 0;
}

/**
 * The variables that tell a container of Services: `{SVC}_SERVICE_HOST`, `{SVC}_SERVICE_PORT[_{NAME}]`, and the older
 * `{SVC}_PORT…`. `services`: those to tell of, in any order; headless ones have no variables. Source: kubelet envvars.
 */
export function serviceVariables(services: readonly Service[]): readonly Variable[] {
  return services
    .filter(hasAddress)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap(variablesOf);
}

function variablesOf(service: Service): readonly Variable[] {
  const prefix = variableName(service.metadata.name);
  const host = service.spec.clusterIP ?? '';
  const authority = host.includes(':') ? `[${host}]` : host;
  const ports = service.spec.ports ?? [];
  const first = ports[0];
  if (first === undefined) return [];
  const urlOf = (port: (typeof ports)[number]): string =>
    `${(port.protocol ?? 'TCP').toLowerCase()}://${authority}:${port.port}`;
  const named = ports.flatMap(({ name, port }) =>
    name === undefined || name === ''
      ? []
      : [{ name: `${prefix}_SERVICE_PORT_${variableName(name)}`, value: String(port) }],
  );
  const linked = ports.flatMap((port): readonly Variable[] => {
    const protocol = port.protocol ?? 'TCP';
    const base = `${prefix}_PORT_${port.port}_${protocol}`;
    return [
      { name: base, value: urlOf(port) },
      { name: `${base}_PROTO`, value: protocol.toLowerCase() },
      { name: `${base}_PORT`, value: String(port.port) },
      { name: `${base}_ADDR`, value: host },
    ];
  });
  return [
    { name: `${prefix}_SERVICE_HOST`, value: host },
    { name: `${prefix}_SERVICE_PORT`, value: String(first.port) },
    ...named,
    { name: `${prefix}_PORT`, value: urlOf(first) },
    ...linked,
  ];
}
