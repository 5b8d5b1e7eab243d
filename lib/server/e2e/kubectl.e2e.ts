import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { type Kubectl, kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';

const deployment = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'main', image: 'host', command: ['sh', '-c', 'echo hello; sleep 1000'] }],
      },
    },
  },
});
const configMap = (value: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data: { colour: value },
  });

/** One command: what it must print, and where it is to fail, with which code. */
type Step = {
  readonly run: string;
  readonly stdin?: string;
  readonly prints?: RegExp;
  readonly code?: number;
  readonly complains?: RegExp;
  /** Left out before this version of kubectl: 1.28 is 28. */
  readonly sinceMinor?: number;
};

const steps: readonly Step[] = [
  { run: 'version', prints: /^Server Version: .*v1\.32\.0\+pintle/m },
  { run: 'cluster-info', prints: /control plane.* is running at.*https:\/\/127\.0\.0\.1:/ },
  { run: 'api-resources -o name', prints: /^deployments\.apps$/m },
  { run: 'api-versions', prints: /^apps\/v1$/m },
  { run: 'explain pods.spec.containers', prints: /^KIND: +Pod$/m },
  { run: 'auth can-i create pods', prints: /^yes$/m },
  { run: 'auth can-i create pods --as ann', prints: /^no/m, code: 1 },
  // Before 1.28 it asks for a beta that Kubernetes 1.32 does not serve either.
  { run: 'auth whoami', prints: /pintle-admin/, sinceMinor: 28 },
  {
    run: 'get pods nothing',
    code: 1,
    complains: /^Error from server \(NotFound\): pods "nothing" not found$/m,
  },
  { run: 'get pods', complains: /^No resources found/m },
  { run: 'create configmap made --from-literal=a=b', prints: /^configmap\/made created$/m },
  { run: 'create configmap made --from-literal=a=b', code: 1, complains: /\(AlreadyExists\)|already exists/ },
  { run: 'create secret generic hidden --from-literal=a=b', prints: /^secret\/hidden created$/m },
  { run: 'create -f -', stdin: deployment, prints: /^deployment\.apps\/web created$/m },
  { run: 'create -f - --dry-run=server', stdin: configMap('red'), prints: /created \(server dry run\)/ },
  { run: 'get configmap settings', code: 1 },
  {
    run: 'create -f -',
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"},"extra":1}',
    code: 1,
    complains: /unknown field "extra"/,
  },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'get deployment web', prints: /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +1\/1 +1 +1 +\d+s/ },
  { run: 'get pods -o wide', prints: /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE/ },
  { run: 'get pods --show-labels', prints: /app=web,pod-template-hash=/ },
  { run: 'get pods -L app', prints: /^NAME.+APP$/m },
  { run: 'get pods -l app=none', complains: /^No resources found/m },
  { run: 'get pods --field-selector status.phase=Running -o name', prints: /^pod\/web-/m },
  { run: 'get deployment web -o jsonpath={.spec.replicas}', prints: /^1$/ },
  { run: 'get deployment web -o custom-columns=N:.metadata.name', prints: /^N\nweb\n$/ },
  { run: 'get deployment web -o yaml', prints: /^kind: Deployment$/m },
  { run: 'get all', prints: /^replicaset\.apps\/web-/m },
  { run: 'get pods -A --sort-by=.metadata.name', prints: /^NAMESPACE +NAME/ },
  { run: 'get --raw /healthz', prints: /^ok$/ },
  { run: 'logs deployment/web', prints: /^hello$/m },
  { run: 'logs -l app=web --tail=1 --timestamps', prints: /^\d{4}-\S+Z hello$/m },
  { run: 'top pods', prints: /^web-\S+ +\d+m +\d+Mi/m },
  { run: 'top nodes', prints: /^NAME +CPU/ },
  { run: 'describe deployment web', prints: /Scaled up replica set web-/ },
  { run: 'label deployment web tier=front', prints: /labeled/ },
  { run: 'annotate deployment web note=hello', prints: /annotated?/ },
  { run: 'scale deployment web --replicas=2', prints: /^deployment\.apps\/web scaled$/m },
  {
    run: 'wait --for=jsonpath={.status.readyReplicas}=2 deployment/web --timeout=60s',
    prints: /condition met/,
  },
  { run: 'patch deployment web -p {"spec":{"replicas":1}}', prints: /patched/ },
  {
    run: 'patch deployment web --type=json -p [{"op":"add","path":"/metadata/labels/x","value":"y"}]',
    prints: /patched/,
  },
  { run: 'set env deployment/web A=B', prints: /env updated/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'rollout history deployment/web', prints: /^2 /m },
  { run: 'rollout undo deployment/web', prints: /rolled back/ },
  { run: 'rollout restart deployment/web', prints: /restarted/ },
  { run: 'rollout pause deployment/web', prints: /paused/ },
  { run: 'rollout resume deployment/web', prints: /resumed/ },
  { run: 'autoscale deployment web --min=1 --max=3 --cpu-percent=50', prints: /autoscaled/ },
  { run: 'get hpa web', prints: /^web +Deployment\/web/m },
  { run: 'expose deployment web --port=80', prints: /exposed/ },
  { run: 'get endpoints web', prints: /^NAME +ENDPOINTS +AGE/ },
  { run: 'apply -f -', stdin: configMap('red'), prints: /^configmap\/settings created$/m },
  { run: 'apply -f -', stdin: configMap('red'), prints: /^configmap\/settings unchanged$/m },
  { run: 'apply -f -', stdin: configMap('blue'), prints: /^configmap\/settings configured$/m },
  { run: 'diff -f -', stdin: configMap('green'), code: 1, prints: /^\+ {2}colour: green$/m },
  { run: 'apply --server-side -f -', stdin: configMap('blue'), prints: /serverside-applied/ },
  {
    run: 'apply --server-side --field-manager=other -f -',
    stdin: configMap('grey'),
    code: 1,
    complains: /Apply failed with 1 conflict: conflict with "kubectl": \.data\.colour/,
  },
  {
    run: 'apply --server-side --field-manager=other --force-conflicts -f -',
    stdin: configMap('grey'),
    prints: /serverside-applied/,
  },
  { run: 'get configmap settings --show-managed-fields -o yaml', prints: /manager: other/ },
  { run: 'replace -f -', stdin: configMap('white'), prints: /replaced/ },
  { run: 'edit configmap settings', complains: /no changes made/ },
  { run: 'create serviceaccount bot', prints: /created/ },
  { run: 'create token bot', prints: /^[\w-]+\.[\w-]+\.[\w-]+$/m },
  { run: 'create role reader --verb=get --resource=pods', prints: /created/ },
  { run: 'create rolebinding reader --role=reader --serviceaccount=$NAMESPACE:bot', prints: /created/ },
  { run: 'auth can-i get pods --as system:serviceaccount:$NAMESPACE:bot', prints: /^yes$/m },
  { run: 'auth can-i delete pods --as system:serviceaccount:$NAMESPACE:bot', prints: /^no/m, code: 1 },
  { run: 'delete deployment,service,hpa web', prints: /^deployment\.apps "web" deleted/m },
  { run: 'delete configmap --all', prints: /configmap "settings" deleted/ },
  { run: 'delete configmap settings', code: 1, complains: /NotFound/ },
];

async function kubeconfigOf(daemon: RealDaemon): Promise<string> {
  const { stdout } = await daemon.run('kubeconfig');
  const path = join(daemon.directory, 'kubeconfig');
  await writeFile(path, stdout, { mode: 0o600 });
  return path;
}

const binaries = kubectlBinaries();
if (binaries.length === 0) {
  test.skip('kubectl: there is none on this machine (KUBECTL, PATH)', () => undefined);
}

for (const binary of binaries) {
  const name = basename(binary);
  test.serial(`${name} does what it does on Kubernetes`, async (t) => {
    const daemon = await realDaemon(t);
    const home = join(daemon.directory, 'home');
    await mkdir(home);
    const kubeconfig = await kubeconfigOf(daemon);
    const namespace = 'play';
    const run: Kubectl = kubectl({ binary, home, kubeconfig, namespace });
    await run(['create', 'namespace', namespace]);
    const minor = Number(name.split('.')[2] ?? Number.POSITIVE_INFINITY);
    for (const { run: words, stdin = '', prints, complains, code = 0, sinceMinor = 0 } of steps) {
      if (minor < sinceMinor) continue;
      const args = words.split(' ').map((word) => word.replace('$NAMESPACE', namespace));
      const result = await run(args, { stdin });
      const told = `kubectl ${words}\n${result.stdout}\n${result.stderr}`;
      t.is(result.code, code, told);
      if (prints !== undefined) t.regex(result.stdout, prints, told);
      if (complains !== undefined) t.regex(result.stderr, complains, told);
    }
    const gone = await run(['delete', 'namespace', namespace]);
    t.regex(gone.stdout, /namespace "play" deleted/);
    t.is((await run(['get', 'namespace', namespace])).code, 1);
  });
}
