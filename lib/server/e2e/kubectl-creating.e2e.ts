import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import { hostConfigMap } from '../../testing/host-manifests.ts';
import { type Session, testKubectl, testWithKubectl } from '../../testing/kubectl-steps.ts';
import { kubectlWords } from '../../testing/kubectl-words.ts';
import { issueCertificate } from '../certificates/issue-certificate.ts';

/** Every generator of `kubectl create`. Newer clients send them as protobuf, and only as far as they know the type. */
const generators: readonly string[] = [
  'clusterrole reads$MINOR --verb=get,list --resource=pods,pods/status',
  'clusterrole named$MINOR --verb=get --resource=replicasets.apps --resource-name=one',
  'clusterrole paths$MINOR --verb=get --non-resource-url=/logs/*',
  'clusterrole sums$MINOR --aggregation-rule=rbac.example.com/aggregate=true',
  'clusterrolebinding binds$MINOR --clusterrole=view --user=ann --group=devs --serviceaccount=$NAMESPACE:default',
  'configmap literals --from-literal=a=b --from-literal=c=d',
  'configmap files --from-file=cm.json --from-file=key=cm.json --append-hash',
  'configmap lines --from-env-file=env.txt',
  'configmap bytes --from-file=bytes.bin',
  "cronjob tick --image=host --schedule='*/1 * * * *' --restart=OnFailure -- sh -c date",
  'deployment one --image=host --replicas=0 --port=80 -- sleep 100',
  'deployment two --image=host --image=other:1.2 --replicas=0',
  "ingress rules --rule=foo.com/bar=svc:8080,tls=secret --rule='foo.com/x*=svc:http' --class=nginx --annotation=a=b",
  'ingress rest --default-backend=svc:80',
  "job once --image=host -- sh -c 'echo done'",
  'namespace ns$MINOR',
  'poddisruptionbudget least --selector=app=none --min-available=1',
  'pdb most --selector=app=none --max-unavailable=50%',
  'priorityclass high$MINOR --value=1000 --description=high --preemption-policy=Never',
  'quota all --hard=pods=100,services=50,requests.cpu=1k',
  'quota best --hard=pods=10 --scopes=BestEffort',
  'role reads --verb=get,watch --resource=pods,services',
  'role scales --verb=get --resource=deployments.apps/scale',
  'rolebinding binds --clusterrole=view --user=ann --group=devs',
  'rolebinding owns --role=reads --serviceaccount=$NAMESPACE:default',
  'secret docker-registry registry --docker-server=x.io --docker-username=u --docker-password=p --docker-email=e@x',
  'secret generic plain --from-literal=a=b --from-file=cm.json --type=my/type',
  'secret tls pair --cert=tls.crt --key=tls.key',
  'service clusterip ports --tcp=80:8080 --tcp=443',
  'service clusterip headless --clusterip=None',
  'service externalname elsewhere --external-name=example.com',
  'service loadbalancer balanced --tcp=80:8080',
  'service nodeport node --tcp=80:8080',
  'serviceaccount bot',
];

testWithKubectl(
  {
    title: 'what is created holds what the same command says on the client',
    versions: 'oldest and newest',
    files: {
      'cm.json': hostConfigMap('settings', { colour: 'red' }),
      'env.txt': 'X=1\nY=two words\n',
      'bytes.bin': Buffer.from([0, 255, 254, 1, 2, 128]),
      ...pair(),
    },
  },
  async (session) => {
    const wrong: string[] = [];
    for (const line of generators) wrong.push(...(await differences(session, line)));
    return wrong;
  },
);

async function differences({ run, variables }: Session, line: string): Promise<readonly string[]> {
  const words = kubectlWords(line, variables);
  const at = words.indexOf('--');
  const [before, after] = at < 0 ? [words, []] : [words.slice(0, at), words.slice(at)];
  const client = await run(['create', ...before, '--dry-run=client', '-o', 'json', ...after]);
  const made = await run(['create', ...before, '-o', 'json', ...after]);
  if (client.code !== 0 || made.code !== 0) return [`create ${line}\n${client.stderr}${made.stderr}`];
  const stored = JSON.parse(made.stdout) as JsonValue;
  const lost = missing(JSON.parse(client.stdout) as JsonValue, stored, '');
  const { kind, metadata } = isObject(stored) ? stored : {};
  const name = isObject(metadata) ? String(metadata.name) : '';
  const gone = await run(['delete', String(kind), name, '--wait=false']);
  return [...lost.map((what) => `create ${line}: ${what}`), ...(gone.code === 0 ? [] : [gone.stderr])];
}

/** Where `stored` lacks what `said` has. What is empty says nothing. */
function missing(said: JsonValue, stored: JsonValue | undefined, path: string): readonly string[] {
  if (said === null || (isObject(said) && Object.keys(said).length === 0)) return [];
  if (isObject(said)) {
    return Object.entries(said).flatMap(([name, value]) =>
      value === undefined || (path === '' && name === 'status')
        ? []
        : missing(value, isObject(stored) ? stored[name] : undefined, `${path}.${name}`),
    );
  }
  if (isArray(said)) {
    if (!isArray(stored) || stored.length !== said.length) return [`${path} is ${JSON.stringify(stored)}`];
    return said.flatMap((value, index) => missing(value, stored[index], `${path}[${index}]`));
  }
  return said === stored ? [] : [`${path} is ${JSON.stringify(stored)}, not ${JSON.stringify(said)}`];
}

/** A certificate with its key, as `create secret tls` wants them. */
function pair(): Readonly<Record<string, string>> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = { commonName: 'example.com' };
  const notBeforeMs = Date.UTC(2020, 0);
  const certificate = issueCertificate(
    { subject, privateKey },
    { subject, publicKey, use: 'server', notBeforeMs, notAfterMs: Date.UTC(2040, 0), serial: Buffer.of(1) },
  );
  const key = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { 'tls.crt': certificate, 'tls.key': key.export({ type: 'sec1', format: 'pem' }).toString() };
}

testKubectl({
  title: 'create makes, and says why it does not',
  versions: 'oldest and newest',
  files: {
    'cm.json': hostConfigMap('settings', { colour: 'red' }),
    'unknown.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"},"extra":1}',
    'kind.json': '{"apiVersion":"v1","kind":"Nonsense","metadata":{"name":"bad"}}',
  },
  steps: [
    {
      run: 'create -f cm.json --dry-run=server',
      prints: /^configmap\/settings created \(server dry run\)$/m,
    },
    { run: 'get cm settings', code: 1, complains: /NotFound/ },
    { run: 'create -f cm.json', prints: /^configmap\/settings created$/m },
    {
      run: 'create -f cm.json',
      code: 1,
      complains:
        /^Error from server \(AlreadyExists\): error when creating "cm\.json": configmaps "settings" already exists$/m,
    },
    { run: 'create -f unknown.json', code: 1, complains: /unknown field "extra"/ },
    {
      run: 'create -f unknown.json --validate=warn',
      prints: /created/,
      complains: /Warning: unknown field "extra"/,
    },
    { run: 'create -f kind.json', code: 1, complains: /no matches for kind "Nonsense" in version "v1"/ },
    {
      run: 'create cm x --from-literal=a=b -n nowhere',
      code: 1,
      complains: /namespaces "nowhere" not found/,
    },
    { run: 'create cm Bad_Name --from-literal=a=b', code: 1, complains: /Bad_Name/ },
    { run: 'create cm made --from-literal=a=b', prints: /^configmap\/made created$/m },
    {
      run: 'get cm made --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}',
      prints: /^kubectl-create$/,
    },
    { run: 'create cm edited --from-literal=a=b --dry-run=client -o yaml', prints: /^data:\n {2}a: b$/m },
    {
      run: 'create -f cm.json --edit',
      env: { KUBE_EDITOR: 'sed -i s/settings/renamed/' },
      prints: /^configmap\/renamed created$/m,
    },
    {
      run: 'run once --image=host --labels=a=b --env=X=1 --restart=Never --command -- sh -c "echo $X"',
      prints: /^pod\/once created$/m,
    },
    { run: 'run once --image=host', code: 1, complains: /pods "once" already exists/ },
    { run: 'wait --for=jsonpath={.status.phase}=Succeeded pod/once --timeout=30s', prints: /condition met/ },
    { run: 'logs once', prints: /^1$/m },
    { run: 'get pod once -o jsonpath={.spec.restartPolicy}{.metadata.labels}', prints: /^Never{"a":"b"}$/ },
    {
      run: 'run port --image=host --port=8080 --expose -- sleep 100',
      prints: /^service\/port created\npod\/port created$/m,
    },
    { run: 'get svc port', prints: /^port +ClusterIP +\S+ +<none> +8080\/TCP/m },
    {
      run: `run over --image=host --overrides='{"spec":{"terminationGracePeriodSeconds":1}}' -- sleep 100`,
      prints: /^pod\/over created$/m,
    },
    { run: 'expose pod port --name=again --port=81 --target-port=8080', prints: /^service\/again exposed$/m },
    { run: 'expose svc again --name=third --port=82 --type=NodePort', prints: /^service\/third exposed$/m },
    { run: 'get svc third', prints: /^third +NodePort +\S+ +<none> +82:3\d{4}\/TCP/m },
    { run: 'expose pod over', code: 1, complains: /couldn't find port via --port flag or introspection/ },
    { run: 'create deployment web --image=host --port=8080 -- sleep 1000', prints: /created/ },
    { run: 'expose deployment web', prints: /^service\/web exposed$/m },
    { run: 'expose deployment web', code: 1, complains: /services "web" already exists/ },
    {
      run: 'autoscale deployment web --min=1 --max=3 --cpu-percent=50',
      prints: /^horizontalpodautoscaler\.autoscaling\/web autoscaled$/m,
    },
    { run: 'create cronjob tick --image=host --schedule="0 0 1 1 *" -- echo tick', prints: /created/ },
    { run: 'create job now --from=cronjob/tick', prints: /^job\.batch\/now created$/m },
    {
      run: 'get job now -o jsonpath={.metadata.annotations}{.metadata.ownerReferences[0].kind}',
      prints: /^{"cronjob\.kubernetes\.io\/instantiate":"manual"}CronJob$/,
    },
    { run: 'wait --for=condition=complete job/now --timeout=30s', prints: /condition met/ },
    { run: 'logs job/now', prints: /^tick$/m },
    { run: 'create job bad --from=deploy/web', code: 1, complains: /unknown object type/ },
  ],
});
