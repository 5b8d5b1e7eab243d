import { hostConfigMap, hostDeployment } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const MANAGERS = '-o jsonpath={range.metadata.managedFields[*]}{.manager}/{.operation},{end}';
const withApplySets = { KUBECTL_APPLYSET: 'true' };

const fromTheClient: readonly Step[] = [
  { run: 'apply -f red.json --dry-run=server', prints: /^configmap\/settings created \(server dry run\)$/m },
  { run: 'apply -f red.json', prints: /^configmap\/settings created$/m },
  { run: 'apply -f red.json', prints: /^configmap\/settings unchanged$/m },
  {
    run: 'apply -f blue.json --dry-run=server',
    prints: /^configmap\/settings configured \(server dry run\)$/m,
  },
  { run: 'apply -f blue.json --dry-run=client', prints: /^configmap\/settings configured \(dry run\)$/m },
  { run: 'get cm settings -o jsonpath={.data.colour}', prints: /^red$/ },
  { run: 'diff -f red.json' },
  { run: 'diff -f blue.json', code: 1, prints: /^- {2}colour: red$[\s\S]*^\+ {2}colour: blue$/m },
  { run: 'diff -f nowhere.json', code: 2, complains: /does not exist/ },
  { run: 'apply -f blue.json', prints: /^configmap\/settings configured$/m },
  { run: 'get cm settings -o jsonpath={.data}', prints: /^{"colour":"blue"}$/ },
  { run: `get cm settings --show-managed-fields ${MANAGERS}`, prints: /kubectl-client-side-apply\/Update,/ },
  { run: 'apply view-last-applied cm/settings', prints: /^data:\n {2}colour: blue$/m },
  { run: 'apply view-last-applied -f blue.json -o json', prints: /"colour": "blue"/ },
  { run: 'apply set-last-applied -f red.json', prints: /^configmap\/settings configured$/m },
  { run: 'apply view-last-applied cm/settings', prints: /colour: red/ },
  { run: 'apply set-last-applied -f red.json', prints: /no changes required/ },
  { run: 'apply edit-last-applied cm/settings', complains: /^Edit cancelled, no changes made\.$/m },
  {
    run: 'apply edit-last-applied cm/settings',
    env: { KUBE_EDITOR: 'sed -i s/red/blue/' },
    prints: /edited/,
  },
  { run: 'apply view-last-applied cm/settings', prints: /colour: blue/ },
  { run: 'create cm bare --from-literal=colour=red' },
  {
    run: 'apply set-last-applied -f bare.json',
    code: 1,
    complains: /no last-applied-configuration annotation found/,
  },
  { run: 'apply set-last-applied -f bare.json --create-annotation', prints: /configured/ },
  // A list by its keys: what somebody else added stays, what was applied and is no more goes.
  { run: 'apply -f web.json', prints: /created/ },
  { run: 'set env deployment/web OTHER=1', prints: /updated/ },
  { run: 'apply -f web-without.json', prints: /configured/ },
  {
    run: 'get deployment web -o jsonpath={.spec.template.spec.containers[0].env[*].name}',
    prints: /^OTHER$/,
  },
  { run: 'apply -k kustomized', prints: /^configmap\/k-made-\w+ created\nconfigmap\/k-settings created$/m },
  { run: 'delete -k kustomized', prints: /configmap "k-settings" deleted/ },
];

const pruning: readonly Step[] = [
  {
    run: 'apply -f many -l set=many --prune --prune-allowlist=core/v1/ConfigMap',
    prints: /^configmap\/one created\nconfigmap\/two created$/m,
  },
  {
    run: 'apply -f many/one.json -l set=many --prune --prune-allowlist=core/v1/ConfigMap --dry-run=server',
    prints: /^configmap\/two pruned \(server dry run\)$/m,
  },
  {
    run: 'apply -f many/one.json -l set=many --prune --prune-allowlist=core/v1/ConfigMap',
    prints: /^configmap\/one unchanged\nconfigmap\/two pruned$/m,
  },
  { run: 'get cm -l set=many -o name', prints: /^configmap\/one\n$/ },
  { run: 'apply -f many -l set=many --prune', prints: /configmap\/two created/ },
  { run: 'apply -f many/two.json -l set=many --prune', prints: /^configmap\/one pruned$/m },
  { run: 'delete cm -l set=many', prints: /"two" deleted/ },
  {
    run: 'apply -f many --prune --applyset=mine',
    env: withApplySets,
    prints: /^configmap\/one created\nconfigmap\/two created$/m,
  },
  {
    run: 'get secret mine -o yaml',
    prints: /applyset\.kubernetes\.io\/contains-group-(kinds|resources): [Cc]onfig[Mm]aps?/,
  },
  {
    run: 'apply -f many/one.json --prune --applyset=mine',
    env: withApplySets,
    prints: /^configmap\/one unchanged\nconfigmap\/two pruned$/m,
  },
  { run: 'get cm -l set=many --show-labels', prints: /^one .*applyset\.kubernetes\.io\/part-of=applyset-/m },
];

const fromTheServer: readonly Step[] = [
  { run: 'apply --server-side -f wide.json', prints: /^configmap\/wide serverside-applied$/m },
  { run: `get cm wide --show-managed-fields ${MANAGERS}`, prints: /^kubectl\/Apply,$/ },
  { run: 'apply --server-side -f wide.json', prints: /serverside-applied/ },
  {
    run: 'apply --server-side -f wide-other.json --field-manager=other',
    code: 1,
    complains:
      /^error: Apply failed with 2 conflicts: conflicts with "kubectl":\n- \.data\.colour\n- \.data\.size\nPlease review the fields above/m,
  },
  {
    run: 'apply --server-side -f wide-other.json --field-manager=other --force-conflicts',
    prints: /serverside-applied/,
  },
  { run: `get cm wide --show-managed-fields ${MANAGERS}`, prints: /other\/Apply,/ },
  {
    run: 'apply --server-side -f wide.json',
    code: 1,
    complains: /conflicts with "other":\n- \.data\.colour\n- \.data\.size/,
  },
  {
    run: 'apply --server-side -f wide.json --dry-run=server --force-conflicts',
    prints: /serverside-applied \(server dry run\)/,
  },
  { run: 'diff --server-side -f wide.json', code: 2, complains: /conflicts with "other"/ },
  { run: 'diff --server-side --force-conflicts -f wide.json', code: 1, prints: /^\+ {2}colour: red$/m },
  { run: 'label cm wide by=hand', prints: /labeled/ },
  {
    run: 'apply --server-side -f wide-three.json --field-manager=third',
    code: 1,
    complains:
      /^error: Apply failed with 2 conflicts: conflicts with "kubectl-label" using v1:\n- \.metadata\.labels\.by\nconflicts with "other":\n- \.data\.colour\n/m,
  },
  // What one applies no more goes; what another owns too stays.
  { run: 'apply --server-side -f wide-less.json --field-manager=other', prints: /serverside-applied/ },
  { run: 'get cm wide -o jsonpath={.data}', prints: /^{"colour":"blue"}$/ },
  // From the client's side to the server's: the manager goes over, nothing conflicts, what is dropped goes.
  { run: 'apply -f moved.json', prints: /created/ },
  { run: 'apply --server-side -f moved-less.json', prints: /serverside-applied/ },
  { run: 'get cm moved -o jsonpath={.data}', prints: /^{"a":"1"}$/ },
  {
    run: `get cm moved --show-managed-fields ${MANAGERS}`,
    prints: /^kubectl\/Apply,kubectl-last-applied\/Apply,$/,
    omits: /client-side-apply/,
  },
  { run: 'apply -f moved.json', prints: /configured/ },
];

testKubectl({
  title: 'what is applied is merged, pruned, owned and told apart',
  versions: 'oldest and newest',
  files: {
    'red.json': hostConfigMap('settings', { colour: 'red', size: 'l' }),
    'blue.json': hostConfigMap('settings', { colour: 'blue' }),
    'bare.json': hostConfigMap('bare', { colour: 'red' }),
    'web.json': hostDeployment('web', { replicas: 0 }),
    'web-without.json': hostDeployment('web', { replicas: 0 }).replace('[{"name":"A","value":"1"}]', '[]'),
    'kustomized/kustomization.yaml':
      'resources: [cm.json]\nnamePrefix: k-\nconfigMapGenerator:\n- name: made\n  literals: [a=b]\n',
    'kustomized/cm.json': hostConfigMap('settings', { colour: 'red' }),
    'many/one.json': hostConfigMap('one', { a: '1' }, { set: 'many' }),
    'many/two.json': hostConfigMap('two', { a: '2' }, { set: 'many' }),
    'wide.json': hostConfigMap('wide', { colour: 'red', size: 'l' }),
    'wide-other.json': hostConfigMap('wide', { colour: 'blue', size: 'm' }),
    'wide-three.json': hostConfigMap('wide', { colour: 'grey' }, { by: 'machine' }),
    'wide-less.json': hostConfigMap('wide', { colour: 'blue' }),
    'moved.json': hostConfigMap('moved', { a: '1', b: '2' }),
    'moved-less.json': hostConfigMap('moved', { a: '1' }),
  },
  steps: [...fromTheClient, ...pruning, ...fromTheServer],
});
