import { hostname } from 'node:os';

/** What clients may call the API: on the machine, and in pods. */
export function serverNames(options: {
  /** Where it listens. */
  readonly address: string;
  /** default/kubernetes, the first address of the service range. */
  readonly serviceAddress: string;
  /** The machine's address for its pods, where they have networks of their own. */
  readonly gateway?: string | undefined;
}): readonly string[] {
  const own = hostname().toLowerCase();
  return [
    ...new Set([
      'localhost',
      '127.0.0.1',
      '::1',
      ...(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(own) ? [own] : []),
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      options.serviceAddress,
      ...(options.gateway === undefined ? [] : [options.gateway]),
      ...(/^(0\.0\.0\.0|::)$/.test(options.address) ? [] : [options.address]),
    ]),
  ];
}
