/** Manifests, as JSON text, of things that run the machine's own programs and end at once when they are told to. */
import type { JsonObject } from '../base/json.ts';

export function hostContainer(name: string, script: string, more: JsonObject = {}): JsonObject {
  return { name, image: 'host', command: ['sh', '-c', script], ...more };
}

/** A Deployment of one container `main` with the label `app`. */
export function hostDeployment(name: string, more: JsonObject = {}): string {
  const labels = { app: name };
  const main = hostContainer('main', 'echo hello; exec sleep 1000', {
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [{ name: 'A', value: '1' }],
    resources: { requests: { cpu: '10m', memory: '16Mi' } },
  });
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [main] } },
      ...more,
    },
  });
}

export function hostPod(name: string, containers: readonly JsonObject[], more: JsonObject = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { run: name } },
    spec: { terminationGracePeriodSeconds: 1, containers, ...more },
  });
}

export function hostConfigMap(
  name: string,
  data: Readonly<Record<string, string>>,
  labels?: Readonly<Record<string, string>>,
): string {
  const metadata = { name, ...(labels && { labels }) };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}
