import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';

/** Where a pod tells its metrics. The host is always the pod itself. */
export type ScrapeTarget = {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly path: string;
};

/** Annotations of the pod, by a custom of those who use Prometheus. */
export const scrapeAnnotations = {
  scrape: 'prometheus.io/scrape',
  port: 'prometheus.io/port',
  path: 'prometheus.io/path',
  scheme: 'prometheus.io/scheme',
} as const;

/**
 * Where a pod's metrics are: as its annotations say, or at a container port named `metrics`. null: nowhere (it says nothing of them,
 * or `prometheus.io/scrape: "false"`), or nobody runs. A text: what of the annotations cannot be followed.
 */
export function scrapeTargetOf(pod: Pod): ScrapeTarget | string | null {
  if (pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod) || pod.status?.phase !== 'Running')
    return null;
  const { annotations = {} } = pod.metadata;
  const said = annotations[scrapeAnnotations.scrape];
  const ports = pod.spec.containers.flatMap(({ ports: own = [] }) => own);
  const named = ports.find(
    ({ name, protocol = 'TCP' }) => name === 'metrics' && protocol === 'TCP',
  )?.containerPort;
  if (said === 'false' || (said !== 'true' && named === undefined)) return null;
  const scheme = annotations[scrapeAnnotations.scheme] ?? 'http';
  if (scheme !== 'http' && scheme !== 'https') return `${scrapeAnnotations.scheme} is http or https`;
  const path = annotations[scrapeAnnotations.path] ?? '/metrics';
  if (!/^\/[\x21-\x7e]{0,1023}$/.test(path)) return `${scrapeAnnotations.path} is no path`;
  const text = annotations[scrapeAnnotations.port];
  const first = ports.find(({ protocol = 'TCP' }) => protocol === 'TCP')?.containerPort;
  const port = text === undefined ? (named ?? first) : portOf(text);
  if (port === undefined) return `no port is named by ${scrapeAnnotations.port}, nor by a container`;
  if (port === null) return `${scrapeAnnotations.port} is no port`;
  return { scheme, port, path };
}

function portOf(text: string): number | null {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
