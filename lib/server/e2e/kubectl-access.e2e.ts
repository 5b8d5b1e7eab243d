import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';
import { signingRequest } from '../../testing/signing-request.ts';

const ann = signingRequest({ commonName: 'ann', organizations: ['devs'] });
const master = signingRequest({ commonName: 'mallory', organizations: ['system:masters'] });

function requestOf(name: string, pem: string): string {
  return JSON.stringify({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      expirationSeconds: 86_400,
      usages: ['client auth'],
    },
  });
}

function reconciled(namespace: string, verbs: readonly string[]): string {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const apiGroup = 'rbac.authorization.k8s.io';
  const metadata = { name: 'reconciled', namespace };
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs }];
  const roleRef = { apiGroup, kind: 'Role', name: 'reconciled' };
  const subjects = [{ kind: 'User', name: 'carol', apiGroup }];
  const items = [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

const asked: readonly Step[] = [
  { run: 'auth can-i create pods', prints: /^yes$/m },
  { run: "auth can-i '*' '*'", prints: /^yes$/m },
  { run: 'auth can-i create pods -A', prints: /^yes$/m },
  { run: 'auth can-i --list', prints: /^\*\.\* +\[\] +\[\] +\[\*\]$/m },
  { run: 'auth can-i list pods --as=bob', prints: /^no$/m, code: 1 },
  { run: 'auth can-i list pods --as=bob --as-group=system:masters', prints: /^yes$/m },
  { run: 'auth can-i get /healthz --as=bob', prints: /^yes$/m },
  { run: 'auth can-i get /logs --as=bob', prints: /^no$/m, code: 1 },
  { run: 'auth can-i get nodes --as=bob -q', code: 1 },
  { run: 'auth can-i get nothing', complains: /doesn't have a resource type ["']nothing["']/ },
  { run: 'create role reader --verb=get,list --resource=pods,pods/log', prints: /created/ },
  {
    run: 'create rolebinding reader --role=reader --user=bob --serviceaccount=$NAMESPACE:default',
    prints: /created/,
  },
  { run: 'auth can-i list pods --as=bob', prints: /^yes$/m },
  { run: 'auth can-i list pods --as=bob -n default', prints: /^no$/m, code: 1 },
  { run: 'auth can-i list pods --as=bob --all-namespaces', prints: /^no$/m, code: 1 },
  { run: 'auth can-i get pods --subresource=log --as=bob', prints: /^yes$/m },
  { run: 'auth can-i get pods --subresource=exec --as=bob', prints: /^no$/m, code: 1 },
  { run: 'auth can-i delete pods --as=system:serviceaccount:$NAMESPACE:default', prints: /^no$/m, code: 1 },
  { run: 'auth can-i --list --as=bob', prints: /^pods\/log +\[\] +\[\] +\[get list\]$/m },
  { run: 'get pods --as=bob', complains: /^No resources found/m },
  {
    run: 'get pods -A --as=bob',
    code: 1,
    complains:
      /^Error from server \(Forbidden\): pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope$/m,
  },
  {
    run: 'get secrets --as=bob',
    code: 1,
    complains: /User "bob" cannot list resource "secrets" in API group "" in the namespace "play-\d+"$/m,
  },
  {
    run: 'create cm x --from-literal=a=b --as=bob',
    code: 1,
    complains: /configmaps is forbidden: User "bob" cannot create resource "configmaps"/,
  },
  { run: 'get pods --as-group=devs', code: 1, complains: /without impersonating a user/ },
  // Before 1.28 it asks for a beta that Kubernetes 1.32 does not serve either.
  {
    run: 'auth whoami',
    prints: /^Username +pintle-admin\nGroups +\[system:masters system:authenticated\]$/m,
    sinceMinor: 28,
  },
  {
    run: 'auth whoami --as=bob --as-group=devs',
    prints: /^Username +bob\nGroups +\[devs system:authenticated\]$/m,
    sinceMinor: 28,
  },
  // Who may write roles may not write more than he holds himself.
  {
    run: 'create role editor --verb=create,get --resource=roles.rbac.authorization.k8s.io',
    prints: /created/,
  },
  { run: 'create rolebinding editor --role=editor --user=bob', prints: /created/ },
  {
    run: 'create role same --verb=create --resource=roles.rbac.authorization.k8s.io --as=bob',
    prints: /created/,
  },
  {
    run: 'create role more --verb=get --resource=secrets --as=bob',
    code: 1,
    complains:
      /roles\.rbac\.authorization\.k8s\.io "more" is forbidden: user "bob" \(groups=\["system:authenticated"\]\) is attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\], Verbs:\["get"\]\}/,
  },
];

/** What it did is printed on one of the two outputs, by version. */
const reconciling: readonly Step[] = [
  {
    run: 'auth reconcile -f more$MINOR.yaml',
    prints: /^role\.rbac\.authorization\.k8s\.io\/reconciled reconciled$/m,
  },
  { run: 'auth reconcile -f more$MINOR.yaml', prints: /reconciled$/m, omits: /required/ },
  { run: 'auth can-i update configmaps --as=carol', prints: /^yes$/m },
  { run: 'auth reconcile -f less$MINOR.yaml', prints: /reconciled/ },
  { run: 'auth can-i update configmaps --as=carol', prints: /^yes$/m },
  { run: 'auth reconcile -f less$MINOR.yaml --remove-extra-permissions --dry-run=client', prints: /dry run/ },
  { run: 'auth can-i update configmaps --as=carol', prints: /^yes$/m },
  { run: 'auth reconcile -f less$MINOR.yaml --remove-extra-permissions', prints: /reconciled/ },
  { run: 'auth can-i update configmaps --as=carol', prints: /^no$/m, code: 1 },
  { run: 'auth can-i get configmaps --as=carol', prints: /^yes$/m },
];

const tokens: readonly Step[] = [
  { run: 'create sa bot', prints: /created/ },
  { run: 'create rolebinding bot --role=reader --serviceaccount=$NAMESPACE:bot', prints: /created/ },
  { run: 'create token bot', prints: /^[\w-]+\.[\w-]+\.[\w-]+$/m, save: 'TOKEN' },
  { run: 'config set-credentials bot --token=$TOKEN', prints: /User "bot" set/ },
  { run: 'get pods --user=bot', complains: /^No resources found/m },
  {
    run: 'get secrets --user=bot',
    code: 1,
    complains: /User "system:serviceaccount:play-\d+:bot" cannot list resource "secrets"/,
  },
  {
    run: 'auth whoami --user=bot',
    prints: /Groups +\[system:serviceaccounts system:serviceaccounts:play-\d+ system:authenticated\]/,
    sinceMinor: 28,
  },
  { run: 'config set-credentials nobody --token=nonsense', prints: /set/ },
  { run: 'get pods --user=nobody', code: 1, complains: /You must be logged in to the server/ },
  { run: 'create token bot --audience=elsewhere', prints: /\./, save: 'ELSEWHERE' },
  { run: 'config set-credentials elsewhere --token=$ELSEWHERE', prints: /set/ },
  { run: 'get pods --user=elsewhere', code: 1, complains: /You must be logged in to the server/ },
  { run: 'create token bot --duration=10m -o jsonpath={.spec.expirationSeconds}', prints: /^600$/ },
  {
    run: 'create token bot --duration=10s',
    code: 1,
    complains: /spec\.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes/,
  },
  { run: 'create token none', code: 1, complains: /serviceaccounts "none" not found/ },
  { run: 'create secret generic tied --from-literal=a=b' },
  { run: 'create token bot --bound-object-kind=Secret --bound-object-name=tied', prints: /\./, save: 'TIED' },
  {
    run: 'create token bot --bound-object-kind=Pod --bound-object-name=none',
    code: 1,
    complains: /pods "none" not found/,
  },
  { run: 'config set-credentials tied --token=$TIED', prints: /set/ },
  { run: 'get pods --user=tied', complains: /^No resources found/m },
  { run: 'delete secret tied', prints: /deleted/ },
  { run: 'get pods --user=tied', code: 1, complains: /You must be logged in to the server/ },
  { run: 'delete sa bot', prints: /deleted/ },
  { run: 'get pods --user=bot', code: 1, complains: /You must be logged in to the server/ },
];

const certificates: readonly Step[] = [
  { run: 'create -f ann.json', prints: /^certificatesigningrequest\.certificates\.k8s\.io\/ann created$/m },
  {
    run: 'get csr ann',
    prints: /^ann +\d+s +kubernetes\.io\/kube-apiserver-client +pintle-admin +24h +Pending$/m,
  },
  {
    run: 'describe csr ann',
    prints:
      /^Requesting User: +pintle-admin\nSigner: +kubernetes\.io\/kube-apiserver-client\nRequested Duration: +24h\nStatus: +Pending\nSubject:\n\s+Common Name: +ann\n[\s\S]*Organization: +devs$/m,
  },
  {
    run: 'certificate approve ann',
    prints: /^certificatesigningrequest\.certificates\.k8s\.io\/ann approved$/m,
  },
  { run: 'get csr ann', prints: / Approved,Issued$/m },
  {
    run: 'certificate deny ann',
    code: 1,
    complains: /certificate signing request "ann" is already Approved/,
  },
  { run: 'get csr ann -o jsonpath={.status.certificate}', prints: /^LS0t/, save: 'CERTIFICATE' },
  { run: 'config set-credentials ann --client-key=ann.key --embed-certs', prints: /set/ },
  { run: 'config set users.ann.client-certificate-data $CERTIFICATE', prints: /set/ },
  {
    run: 'auth whoami --user=ann',
    prints: /^Username +ann\nGroups +\[devs system:authenticated\]$/m,
    sinceMinor: 28,
  },
  { run: 'get pods --user=ann', code: 1, complains: /User "ann" cannot list resource "pods"/ },
  { run: 'create rolebinding devs --role=reader --group=devs', prints: /created/ },
  { run: 'get pods --user=ann', complains: /^No resources found/m },
  { run: 'get csr --user=ann', code: 1, complains: /Forbidden/ },
  {
    run: 'certificate approve none',
    code: 1,
    complains: /certificatesigningrequests\.certificates\.k8s\.io "none" not found/,
  },
  { run: 'create -f denied.json', prints: /created/ },
  { run: 'certificate deny denied', prints: /denied$/m },
  { run: 'get csr denied', prints: / Denied$/m },
  {
    run: 'create -f master.json',
    code: 1,
    complains: /use of kubernetes\.io\/kube-apiserver-client signer with system:masters group is not allowed/,
  },
  { run: 'delete csr ann denied', prints: /deleted/ },
];

const minors = [27, 28, 29, 30, 31, 32, 33, 34, 35, 36];
testKubectl({
  title: 'who may do what is asked, told, given and certified',
  versions: 'oldest and newest',
  files: {
    'ann.json': requestOf('ann', ann.pem),
    'ann.key': ann.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'denied.json': requestOf('denied', ann.pem),
    'master.json': requestOf('master', master.pem),
    ...Object.fromEntries(
      minors.flatMap((minor) => [
        [`more${minor}.yaml`, reconciled(`play-${minor}`, ['get', 'update'])],
        [`less${minor}.yaml`, reconciled(`play-${minor}`, ['get'])],
      ]),
    ),
  },
  steps: [...asked, ...reconciling, ...tokens, ...certificates],
});
