import { hostContainer, hostDeployment, hostPod } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const crashing = [
  hostContainer(
    'a',
    'if [ -e /data/again ]; then echo second; exec sleep 1000; fi; touch /data/again; echo first; echo more >&2; exit 3',
    {
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  ),
  hostContainer('b', 'while :; do echo tick; sleep 0.3; done'),
];
const more = {
  volumes: [{ name: 'data', emptyDir: {} }],
  initContainers: [hostContainer('init', 'echo begins')],
};
const job = JSON.stringify({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'pi' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [hostContainer('pi', 'echo 3.14')] } } },
});

const steps: readonly Step[] = [
  { run: 'create -f crash.json -f web.json -f job.json', prints: /created/ },
  {
    run: 'wait --for=jsonpath={.status.containerStatuses[0].restartCount}=1 pod/crash --timeout=60s',
    prints: /condition met/,
  },
  { run: 'wait --for=condition=Ready pod/crash --timeout=60s', prints: /condition met/ },
  {
    run: 'logs crash',
    prints: /^second$/m,
    complains: /Defaulted container "a" out of: a, b, init \(init\)/,
    eventually: true,
  },
  { run: 'logs crash -c a', prints: /^second\n$/ },
  { run: 'logs crash -c a --previous', prints: /^(first\nmore|more\nfirst)\n$/ },
  { run: 'logs crash a -p', prints: /first/ },
  {
    run: 'logs crash -c b --previous',
    code: 1,
    complains:
      /^Error from server \(BadRequest\): previous terminated container "b" in pod "crash" not found$/m,
  },
  { run: 'logs crash -c init', prints: /^begins\n$/ },
  { run: 'logs crash -c none', code: 1, complains: /container none is not valid for pod crash/ },
  { run: 'logs none', code: 1, complains: /pods "none" not found/ },
  // kubectl keeps the streams in a Go map: the order of the containers is chance.
  { run: 'logs crash --all-containers', prints: /^(?=.*^begins$)(?=.*^second$).*^tick$/ms },
  {
    run: 'logs crash --all-containers --prefix --tail=1',
    prints:
      /^(?=.*^\[pod\/crash\/init\] begins$)(?=.*^\[pod\/crash\/a\] second$).*^\[pod\/crash\/b\] tick$/ms,
  },
  { run: 'logs crash -c b --tail=2', prints: /^tick\ntick\n$/ },
  { run: 'logs crash -c b --tail=0', omits: /./ },
  { run: 'logs crash -c b --tail=1 --timestamps', prints: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z tick\n$/ },
  { run: 'logs crash -c b --since=1h', prints: /^tick$/m },
  { run: 'logs crash -c b --since-time=2100-01-01T00:00:00Z', omits: /./ },
  {
    run: 'logs crash -c b --since=1s --since-time=2100-01-01T00:00:00Z',
    code: 1,
    complains: /at most one of/,
  },
  { run: 'logs crash -c b --limit-bytes=3', prints: /^tic$/ },
  { run: 'logs -f crash -c b --tail=1', prints: /^(tick\n){4}/, meanwhile: [] },
  { run: 'logs -f job/pi --pod-running-timeout=30s', prints: /^3\.14$/m, eventually: true },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully/ },
  { run: 'logs deployment/web', prints: /^hello$/m, eventually: true },
  { run: 'logs rs -l app=web', code: 1 },
  { run: 'logs -l app=web', prints: /^hello$/m },
  { run: 'logs -l app=web --prefix --all-containers', prints: /^\[pod\/web-\S+\/main\] hello$/m },
  { run: 'logs -l app=none', complains: /^No resources found in \S+ namespace\.$/m },
  { run: 'logs deployment/none', code: 1, complains: /deployments\.apps "none" not found/ },
  { run: 'get pod crash', prints: /^crash +2\/2 +Running +1 \(\d+s ago\) +\d+s$/m },
  { run: 'describe pod crash', prints: /Last State: +Terminated\n +Reason: +Error\n +Exit Code: +3\n/ },
  {
    run: 'top pod',
    prints: /^NAME +CPU\(cores\) +MEMORY\(bytes\) *\ncrash +\d+m +\d+Mi *\nweb-\S+ +\d+m +\d+Mi *\n$/,
    eventually: true,
  },
  {
    run: 'top pod --containers',
    prints: /^POD +NAME +CPU\(cores\) +MEMORY\(bytes\)[\s\S]*^crash +b +\d+m +\d+Mi/m,
  },
  { run: 'top pod -A --sort-by=memory', prints: /^NAMESPACE +NAME +CPU\(cores\)/ },
  { run: 'top pod -l app=web --no-headers', prints: /^web-\S+ +\d+m +\d+Mi *\n$/ },
  { run: 'top pod --sum', prints: /________ +________/, sinceMinor: 28 },
  { run: 'top pod crash', prints: /^crash /m, eventually: true },
  {
    run: 'top pod none',
    code: 1,
    complains: /^Error from server \(NotFound\): podmetrics\.metrics\.k8s\.io "\S+\/none" not found$/m,
  },
  {
    run: 'top node',
    prints:
      /^NAME +CPU\(cores\) +CPU[(%)]+ +MEMORY\(bytes\) +MEMORY[(%)]+ *\n\S+ +\d+m +\d+% +\d+Mi +\d+% *\n$/,
  },
  { run: 'top node $NODE --sort-by=cpu --no-headers', prints: /^\S+ +\d+m/ },
];

testKubectl({
  title: 'what containers say and use is shown',
  versions: 'oldest and newest',
  files: {
    'crash.json': hostPod('crash', crashing, more),
    'web.json': hostDeployment('web'),
    'job.json': job,
  },
  steps,
});
