import { BEHAVIOUR_ANNOTATION, type SimulatedBehaviour } from '../runtime/simulated/simulated-behaviour.ts';

/** A web Deployment with its configuration and Service, for simulated pods, which do what `behaviour` says. */
export function simulatedManifest(options: {
  readonly version?: string;
  readonly replicas?: number | null;
  readonly deadlineSeconds?: number;
  readonly behaviour?: Partial<SimulatedBehaviour>;
  readonly strategy?: string;
}): string {
  const {
    version = 'one',
    replicas = 3,
    deadlineSeconds = 60,
    behaviour = { readyAfterMs: 2_000 },
  } = options;
  const strategy = options.strategy ?? '{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}';
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: default}
data: {version: "${version}"}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  ${replicas === null ? '' : `replicas: ${replicas}`}
  progressDeadlineSeconds: ${deadlineSeconds}
  strategy: ${strategy}
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {${BEHAVIOUR_ANNOTATION}: '${JSON.stringify(behaviour)}'}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: web
        image: host
        env: [{name: VERSION, value: "${version}"}]
        envFrom: [{configMapRef: {name: web}}]
        ports: [{containerPort: 8080}]
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
`;
}
