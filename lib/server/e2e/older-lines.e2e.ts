import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

/**
 * The lines of the documents that describe the system, as they stand there, against a real daemon. Their images are stood in for
 * by `host` with a command.
 */
const container = (command: string, more: object = {}): object => ({
  name: 'main',
  image: 'host',
  command: ['sh', '-c', command],
  ...more,
});
const template = (labels: Readonly<Record<string, string>>, ...containers: readonly object[]): object => ({
  metadata: { labels },
  spec: { terminationGracePeriodSeconds: 1, containers },
});

const files: Readonly<Record<string, readonly object[]>> = {
  'kubia-rc.yaml': [
    {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'kubia' },
      spec: {
        replicas: 1,
        selector: { app: 'kubia' },
        template: template(
          { app: 'kubia' },
          container('sleep 1000', { ports: [{ name: 'http', containerPort: 8080 }] }),
        ),
      },
    },
  ],
  'kubia-manual-with-labels.yaml': [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'kubia-manual', labels: { creation_method: 'manual', env: 'prod' } },
      spec: { terminationGracePeriodSeconds: 1, containers: [container('echo started; sleep 1000')] },
    },
  ],
  'mypod.yaml': [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'mypod' },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          container('if [ -e /data/again ]; then sleep 1000; fi; touch /data/again; echo first; exit 1', {
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          }),
        ],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    },
  ],
  'ssd-monitor-daemonset.yaml': [
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'ssd-monitor' },
      spec: {
        selector: { matchLabels: { app: 'ssd-monitor' } },
        template: template({ app: 'ssd-monitor' }, container('while true; do echo SSD OK; sleep 5; done')),
      },
    },
  ],
  'cronjob.yaml': [
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'batch-job-every-fifteen-minutes' },
      spec: {
        schedule: '0,15,30,45 * * * *',
        jobTemplate: {
          spec: {
            template: { spec: { restartPolicy: 'OnFailure', containers: [container('date')] } },
          },
        },
      },
    },
  ],
  'deployments.yaml': ['php-apache', 'nginx-app'].map((name) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { run: name } },
      template: template(
        { run: name },
        container('sleep 1000', {
          name: name === 'nginx-app' ? 'nginx' : name,
          resources: { requests: { cpu: '100m' } },
        }),
      ),
    },
  })),
};

const steps: readonly Step[] = [
  { run: 'create -f kubia-rc.yaml', prints: /^replicationcontroller\/kubia created$/m },
  { run: 'get rc', prints: /^NAME +DESIRED +CURRENT +READY +AGE\nkubia +1 +1 / },
  { run: 'scale rc kubia --replicas=3', prints: /^replicationcontroller\/kubia scaled$/m },
  {
    run: 'expose rc kubia --type=LoadBalancer --name kubia-http',
    prints: /^service\/kubia-http exposed$/m,
  },
  { run: 'wait --for=jsonpath={.status.readyReplicas}=3 rc/kubia --timeout=60s', prints: /condition met/ },
  { run: 'get services', prints: /^kubia-http +LoadBalancer +\S+ +<pending> +8080:\d+\/TCP/m },
  { run: 'get endpoints', prints: /^NAME +ENDPOINTS +AGE\nkubia-http +[\d.]+:\d+,/ },
  { run: 'get rc -o wide', prints: /^kubia +3 +3 +3 +\S+ +main +host +app=kubia$/m },
  { run: 'describe rc kubia', prints: /^Replicas: +3 current \/ 3 desired$/m },
  { run: 'create -f kubia-manual-with-labels.yaml', prints: /^pod\/kubia-manual created$/m },
  { run: 'get pods --show-labels', prints: /creation_method=manual,env=prod$/m },
  {
    run: 'get pods -L creation_method,env',
    prints: /^NAME +READY +STATUS +RESTARTS +AGE +CREATION_METHOD +ENV$/m,
  },
  { run: 'label pod kubia-manual env=debug --overwrite', prints: /^pod\/kubia-manual labeled$/m },
  { run: 'get pods -l creation_method=manual', prints: /^NAME[^\n]*\nkubia-manual [^\n]*\n$/ },
  { run: "get pods -l 'env in (debug,prod),creation_method!=auto'", prints: /kubia-manual/ },
  { run: 'label node $NODE gpu=true --overwrite', prints: /^node\/\S+ (not )?labeled$/m },
  { run: 'get nodes -l gpu=true', prints: / Ready / },
  {
    run: 'annotate pod kubia-manual mycompany.com/someannotation="foo bar"',
    prints: /^pod\/kubia-manual annotated?$/m,
  },
  { run: 'describe pod kubia-manual', prints: /^Annotations: +mycompany\.com\/someannotation: foo bar$/m },
  { run: 'create -f mypod.yaml', prints: /^pod\/mypod created$/m },
  {
    run: 'wait --for=jsonpath={.status.containerStatuses[0].restartCount}=1 pod/mypod --timeout=60s',
    prints: /condition met/,
  },
  { run: 'wait --for=condition=Ready pod/mypod --timeout=60s', prints: /condition met/ },
  { run: 'logs mypod --previous', prints: /^first$/m },
  { run: 'delete rc kubia --cascade=orphan', prints: /^replicationcontroller "kubia" deleted/m },
  { run: 'get rc', complains: /^No resources found/m },
  { run: 'get pods -l app=kubia -o name', prints: /^(pod\/kubia-\w{5}\n){3}$/ },
  { run: 'delete pods -l creation_method=manual', prints: /^pod "kubia-manual" deleted/m },
  { run: 'get pods -l creation_method=manual', complains: /^No resources found/m },
  { run: 'create -f cronjob.yaml', prints: /created/ },
  { run: 'get cj', prints: /^batch-job-every-fifteen-minutes +0,15,30,45 \* \* \* \* .*False +0 +<none>/m },
  { run: 'create -f ssd-monitor-daemonset.yaml', prints: /^daemonset\.apps\/ssd-monitor created$/m },
  { run: 'rollout status daemonset ssd-monitor --timeout=60s', prints: /successfully rolled out/ },
  {
    run: 'get ds',
    prints:
      /^NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\nssd-monitor +1 +1 +1 +1 +1 +<none>/,
  },
  { run: 'logs ds/ssd-monitor --tail=1', prints: /^SSD OK$/m },
  { run: 'set env daemonset/ssd-monitor DISK=ssd', prints: /env updated/ },
  { run: 'rollout status daemonset ssd-monitor --timeout=60s', prints: /successfully rolled out/ },
  { run: 'rollout history daemonset ssd-monitor', prints: /^1 +<none>\n2 +<none>$/m },
  { run: 'rollout history daemonset ssd-monitor --revision=2', prints: /DISK:\s+ssd/ },
  { run: 'rollout undo daemonset ssd-monitor', prints: /rolled back/ },
  { run: 'rollout status daemonset ssd-monitor --timeout=60s', prints: /successfully rolled out/ },
  { run: 'rollout history daemonset ssd-monitor', prints: /^2 +<none>\n3 +<none>$/m },
  {
    run: 'get ds ssd-monitor -o jsonpath={.spec.template.spec.containers[0].env}{.status.numberReady}',
    prints: /^1$/,
  },
  { run: 'delete ds ssd-monitor', prints: /deleted/ },
  { run: 'wait --for=delete pod -l app=ssd-monitor --timeout=60s' },
  { run: 'create -f deployments.yaml', prints: /^deployment\.apps\/nginx-app created$/m },
  {
    run: 'autoscale deployment php-apache --cpu-percent=90 --min=1 --max=10',
    prints: /^horizontalpodautoscaler\.autoscaling\/php-apache autoscaled$/m,
  },
  { run: 'get hpa', prints: /^php-apache +Deployment\/php-apache +\S+.*90% +1 +10 /m },
  {
    run: 'set resources deployment nginx-app -c=nginx --limits=cpu=500m,memory=128Mi',
    prints: /^deployment\.apps\/nginx-app resource requirements updated$/m,
  },
  { run: 'rollout status deployment/nginx-app --timeout=60s', prints: /successfully rolled out/ },
  { run: 'describe deployment nginx-app', prints: /Limits:\n +cpu: +500m\n +memory: +128Mi$/m },
  { run: 'explain pods.spec', prints: /^KIND: +Pod$/m },
  { run: 'delete all --all', prints: /deployment\.apps "php-apache" deleted/ },
];

testKubectl({
  title: 'the lines of the documents do what they say',
  versions: 'all',
  files: Object.fromEntries(
    Object.entries(files).map(([name, items]) => [
      name,
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    ]),
  ),
  steps,
});
