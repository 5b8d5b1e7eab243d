/** A small web Deployment that runs on the machine's own Node; `say` is what its pods answer, '' makes them fail at once. */
export function webManifest(options: {
  readonly say?: string;
  readonly replicas?: number;
  readonly namespace?: string;
  readonly deadlineSeconds?: number;
  readonly greeting?: string;
}): string {
  const {
    say = 'one',
    replicas = 2,
    namespace = 'default',
    deadlineSeconds = 600,
    greeting = 'hello',
  } = options;
  const program =
    say === ''
      ? 'process.exit(1)'
      : `require('node:http').createServer((_, answer) => answer.end('${say} ' + process.env.GREETING)).listen(process.env.PORT)`;
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: ${namespace}}
data: {greeting: ${greeting}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${namespace}}
spec:
  replicas: ${replicas}
  progressDeadlineSeconds: ${deadlineSeconds}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: host
        command: [node, -e, "${program}"]
        ports: [{name: http, containerPort: 8080}]
        env: [{name: GREETING, valueFrom: {configMapKeyRef: {name: web, key: greeting}}}]
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
`;
}
