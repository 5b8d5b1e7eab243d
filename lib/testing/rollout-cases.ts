/** Rollouts that a simulation has to foretell: what stands, and what comes. Programs are the machine's own `sleep`, or none. */
export type RolloutCase = {
  readonly title: string;
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string | null>>;
  /** How it ends. */
  readonly stops: readonly (readonly [object: string, reason: string])[];
  /** Of the workload `web`: fewest ready at once, of how many. Null: it did not serve before. */
  readonly lowest: number | null;
};

type Wish = {
  readonly version?: string;
  readonly replicas?: number;
  readonly strategy?: string;
  readonly cpu?: string;
  readonly image?: string;
  readonly envFrom?: string;
  readonly deadlineSeconds?: number;
};

const pod = ({ version = 'one', cpu = '10m', image = 'host', envFrom = 'web' }: Wish): string => `
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: ${image}
        command: [sleep, "100000"]
        env: [{name: VERSION, value: "${version}"}]
        envFrom: [{configMapRef: {name: ${envFrom}}}]
        resources: {requests: {cpu: ${cpu}}}
        readinessProbe: {exec: {command: ["true"]}, initialDelaySeconds: 1, periodSeconds: 1}
`;

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n';

const deployment = (wish: Wish): string => `${configMap}---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${wish.replicas ?? 3}
  progressDeadlineSeconds: ${wish.deadlineSeconds ?? 6}
  strategy: ${wish.strategy ?? '{rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}'}
  selector: {matchLabels: {app: web}}${pod(wish)}`;

const statefulSet = (wish: Wish): string => `${configMap}---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: ${wish.replicas ?? 2}
  selector: {matchLabels: {app: web}}${pod(wish)}`;

const quota = (pods: number): string =>
  `apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {pods: "${pods}"}}\n`;

const web = (text: string) => ({ 'web.yaml': text });

export const rolloutCases: readonly RolloutCase[] = [
  {
    title: 'a rolling update',
    ...{ before: web(deployment({})), after: web(deployment({ version: 'two' })), stops: [], lowest: 3 },
  },
  {
    title: 'a rolling update that may be one short',
    before: web(deployment({})),
    after: web(deployment({ version: 'two', strategy: '{rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}' })),
    ...{ stops: [], lowest: 2 },
  },
  {
    title: 'Recreate',
    before: web(deployment({ strategy: '{type: Recreate}' })),
    after: web(deployment({ version: 'two', strategy: '{type: Recreate}' })),
    ...{ stops: [], lowest: 0 },
  },
  {
    title: 'no room',
    before: web(deployment({ replicas: 2 })),
    after: web(deployment({ replicas: 2, cpu: '4000' })),
    ...{ stops: [['Deployment default/web', 'Unschedulable']], lowest: 2 },
  },
  {
    title: 'a quota',
    before: { ...web(deployment({ replicas: 2 })), 'quota.yaml': quota(2) },
    after: web(deployment({ replicas: 2, version: 'two' })),
    ...{ stops: [['Deployment default/web', 'FailedCreate']], lowest: 2 },
  },
  {
    title: 'a ConfigMap that is not there',
    before: web(deployment({ replicas: 1 })),
    after: web(deployment({ replicas: 1, envFrom: 'nowhere' })),
    ...{ stops: [['Deployment default/web', 'CreateContainerConfigError']], lowest: 1 },
  },
  {
    title: 'a claim that is not there',
    before: web(deployment({ replicas: 1 })),
    after: web(
      `${deployment({ replicas: 1, version: 'two' })}      volumes: [{name: data, persistentVolumeClaim: {claimName: nowhere}}]\n`,
    ),
    ...{ stops: [['Deployment default/web', 'Unschedulable']], lowest: 1 },
  },
  {
    title: 'a StatefulSet, one after the other',
    ...{ before: web(statefulSet({})), after: web(statefulSet({ version: 'two' })), stops: [], lowest: 1 },
  },
  {
    title: 'an immutable field',
    before: web(deployment({ replicas: 1 })),
    after: web(deployment({ replicas: 1 }).replaceAll('app: web', 'app: other')),
    ...{ stops: [['Deployment default/web', 'immutable-field']], lowest: null },
  },
];
