import { hostConfigMap, hostDeployment } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const REJECTED = /^The request is invalid: the server rejected our request due to an error in our request/m;
const CONFLICT =
  /^Error from server \(Conflict\): Operation cannot be fulfilled on deployments\.apps "web": the object has been modified; please apply your changes to the latest version and try again$/m;

const given: readonly Step[] = [
  { run: 'create -f web.json', prints: /created/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'create cm settings --from-literal=colour=red --from-literal=size=l', prints: /created/ },
];

const patches: readonly Step[] = [
  { run: `patch deployment web -p '{"spec":{"replicas":2}}'`, prints: /^deployment\.apps\/web patched$/m },
  { run: `patch deployment web --type=merge -p '{"spec":{"replicas":1}}'`, prints: /patched/ },
  {
    run: `patch deployment web --type=json -p '[{"op":"add","path":"/metadata/labels/x","value":"y"}]'`,
    prints: /patched/,
  },
  {
    run: `patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":5}]'`,
    code: 1,
    complains: REJECTED,
  },
  {
    run: `patch deployment web --type=json -p '[{"op":"remove","path":"/nothing"}]'`,
    code: 1,
    complains: REJECTED,
  },
  { run: `patch deployment web -p '{"metadata":{"labels":{"x":"y"}}}'`, prints: /patched \(no change\)/ },
  {
    run: `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"P","value":"1"}]}]}}}}'`,
    prints: /patched/,
  },
  { run: 'get deployment web -o jsonpath={.spec.template.spec.containers[*].env[*].name}', prints: /^P A$/ },
  {
    run: `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"P","$patch":"delete"}]}]}}}}'`,
    prints: /patched/,
  },
  { run: 'get deployment web -o jsonpath={.spec.template.spec.containers[*].env[*].name}', prints: /^A$/ },
  {
    run: `patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`,
    prints: /patched/,
  },
  {
    run: `patch deployment web --subresource=status --type=merge -p '{"status":{"observedGeneration":1}}'`,
    prints: /patched/,
  },
  { run: 'patch -f web.json --patch-file=patch.yaml', prints: /patched/ },
  { run: 'get deployment web -o jsonpath={.metadata.labels.from}', prints: /^file$/ },
  {
    run: `patch deployment web -p '{"spec":{"replicas":3}}' --dry-run=server -o jsonpath={.spec.replicas}`,
    prints: /^3$/,
  },
  {
    run: `patch deployment web -p '{"spec":{"replicas":3}}' --dry-run=client -o jsonpath={.spec.replicas}`,
    prints: /^3$/,
  },
  { run: 'get deployment web -o jsonpath={.spec.replicas}', prints: /^1$/ },
  {
    run: `patch deployment web -p '{"spec":{"selector":{"matchLabels":{"x":"y"}}}}'`,
    code: 1,
    complains: /^The Deployment "web" is invalid/m,
  },
  { run: `patch deployment web -p '{"spec":{"replicas":"x"}}'`, code: 1, complains: /spec\.replicas/ },
  { run: `patch deployment none -p '{"a":1}'`, code: 1, complains: /deployments\.apps "none" not found/ },
  {
    run: 'get deployment web --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}',
    prints: /kubectl-patch/,
  },
];

const marks: readonly Step[] = [
  { run: 'label deployment web tier=front', prints: /^deployment\.apps\/web labeled$/m },
  { run: 'label deployment web tier=front', prints: /^deployment\.apps\/web not labeled$/m },
  {
    run: 'label deployment web tier=back',
    code: 1,
    complains: /already has a value \(front\), and --overwrite is false/,
  },
  { run: 'label deployment web tier=back --overwrite', prints: /labeled/ },
  { run: 'label deployment web tier-', prints: /^deployment\.apps\/web unlabeled$/m },
  { run: 'label deployment web tier-', prints: /^label "tier" not found\.$/m },
  { run: 'label --list deployment/web', prints: /^app=web$/m },
  { run: 'label deployment --all one=1', prints: /labeled/ },
  { run: 'label deployment -l one=1 one-', prints: /unlabeled/ },
  { run: 'label -f web.json two=2', prints: /labeled/ },
  { run: 'label deployment web a=b --dry-run=server', prints: /labeled \(server dry run\)/ },
  { run: 'label deployment web a=b --resource-version=1', code: 1, complains: CONFLICT },
  { run: 'label deployment web a=not/valid', code: 1, complains: /invalid label value|is invalid/ },
  { run: "annotate deployment web note='hello there'", prints: /^deployment\.apps\/web annotated?$/m },
  { run: 'annotate deployment web note=other', code: 1, complains: /already has a value \(hello there\)/ },
  { run: 'annotate deployment web note=other --overwrite', prints: /annotated?/ },
  { run: 'annotate --list deployment/web', prints: /^note=other$/m },
  { run: 'annotate deployment web note-', prints: /annotated?/ },
  { run: 'annotate deployment --all all=1', prints: /annotated?/ },
  { run: 'annotate deployment web a=b --resource-version=1', code: 1, complains: CONFLICT },
];

const sets: readonly Step[] = [
  { run: 'set image deployment/web main=host:1', prints: /^deployment\.apps\/web image updated$/m },
  { run: 'set image deployment/web *=host', prints: /image updated/ },
  { run: 'set image deployment web none=host', code: 1, complains: /unable to find container named "none"/ },
  {
    run: 'set resources deployment web -c=main --limits=cpu=500m,memory=128Mi',
    prints: /^deployment\.apps\/web resource requirements updated$/m,
  },
  {
    run: 'get deployment web -o jsonpath={.spec.template.spec.containers[0].resources}',
    prints: /^{"limits":{"cpu":"500m","memory":"128Mi"},"requests":{"cpu":"10m","memory":"16Mi"}}$/,
  },
  { run: 'set env deployment/web --list', prints: /^# Deployment web, container main\nA=1\n$/ },
  { run: 'set env deployment/web B=2 A-', prints: /^deployment\.apps\/web env updated$/m },
  { run: 'set env deployment/web --from=configmap/settings', prints: /env updated/ },
  { run: 'set env deployment/web --list', prints: /^# COLOUR from configmap settings, key colour$/m },
  { run: 'set env deployment/web --list --resolve', prints: /^COLOUR=red$/m },
  { run: 'set env deployment/web COLOUR- SIZE- B-', prints: /env updated/ },
  { run: 'create sa builder' },
  {
    run: 'set serviceaccount deployment web builder',
    prints: /^deployment\.apps\/web serviceaccount updated$/m,
  },
  { run: 'get deployment web -o jsonpath={.spec.template.spec.serviceAccountName}', prints: /^builder$/ },
  { run: 'set serviceaccount deployment web default', prints: /updated/ },
  { run: 'create service clusterip chosen --tcp=80' },
  { run: 'set selector svc chosen app=web,tier=x', prints: /^service\/chosen selector updated$/m },
  { run: 'get svc chosen -o wide', prints: /app=web,tier=x$/m },
  { run: 'create rolebinding viewers --clusterrole=view --user=ann' },
  {
    run: 'set subject rolebinding viewers --user=bob --group=devs --serviceaccount=$NAMESPACE:default',
    prints: /subjects updated/,
  },
  {
    run: 'get rolebinding viewers -o wide',
    prints: /^viewers +ClusterRole\/view +\d+s +ann, bob +devs +\S+\/default$/m,
  },
  {
    run: 'get deployment web --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}',
    prints: /kubectl-set/,
  },
];

const sizes: readonly Step[] = [
  { run: 'create deployment two --image=host --replicas=0 -- sleep 1000' },
  { run: 'scale deployment web --replicas=2', prints: /^deployment\.apps\/web scaled$/m },
  { run: 'scale deployment web --replicas=1 --current-replicas=2', prints: /scaled/ },
  {
    run: 'scale deployment web --replicas=3 --current-replicas=2',
    code: 1,
    complains: /Expected replicas to be 2, was 1/,
  },
  {
    run: 'scale deployment web --replicas=3 --resource-version=1',
    code: 1,
    complains: /Expected resource version to be 1, was \d+/,
  },
  {
    run: 'scale deployment/web deployment/two --replicas=1',
    prints: /^deployment\.apps\/web scaled\ndeployment\.apps\/two scaled$/m,
  },
  { run: 'scale deployment --all --replicas=0', prints: /web scaled/ },
  { run: 'scale -f web.json --replicas=1 --timeout=30s', prints: /^deployment\.apps\/web scaled$/m },
  { run: 'scale rs -l app=none --replicas=1', code: 1, complains: /no objects passed to scale/ },
  { run: 'scale deployment none --replicas=1', code: 1, complains: /no objects passed to scale/ },
];

const edits: readonly Step[] = [
  { run: 'edit cm settings', complains: /^Edit cancelled, no changes made\.$/m },
  {
    run: 'edit cm settings',
    env: { KUBE_EDITOR: 'sed -i s/red/green/' },
    prints: /^configmap\/settings edited$/m,
  },
  { run: 'get cm settings -o jsonpath={.data.colour}', prints: /^green$/ },
  { run: 'edit deployment web', env: { KUBE_EDITOR: 'sed -i s/replicas:.1/replicas:x/' }, code: 1 },
  {
    run: 'edit deployment web',
    env: { KUBE_EDITOR: "sed -i 's/replicas: 1/replicas: 2/'" },
    prints: /edited/,
  },
  { run: 'get deployment web -o jsonpath={.spec.replicas}', prints: /^2$/ },
  { run: 'replace -f settings.json', prints: /^configmap\/settings replaced$/m },
  { run: 'get cm settings -o jsonpath={.data}', prints: /^{"colour":"white"}$/ },
  { run: 'get cm settings -o json', save: 'OLD', prints: /resourceVersion/ },
  {
    run: 'replace -f stale.json',
    code: 1,
    complains:
      /\(Conflict\): error when replacing "stale\.json": Operation cannot be fulfilled on configmaps "settings": the object has been modified/,
  },
  {
    run: 'replace --force -f settings.json',
    prints: /^configmap "settings" deleted.*\nconfigmap\/settings replaced$/m,
  },
  {
    run: 'replace --raw /api/v1/namespaces/$NAMESPACE/configmaps/settings -f settings.json',
    prints: /"colour":"white"/,
  },
  { run: 'replace -f none.json', code: 1, complains: /configmaps "none" not found/ },
];

testKubectl({
  title: 'what is there is patched, marked, set, scaled, edited and replaced',
  versions: 'oldest and newest',
  files: {
    'web.json': hostDeployment('web'),
    'patch.yaml': 'metadata:\n  labels:\n    from: file\n',
    'settings.json': hostConfigMap('settings', { colour: 'white' }),
    'none.json': hostConfigMap('none', {}),
    'stale.json':
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","resourceVersion":"1"}}',
  },
  steps: [...given, ...patches, ...marks, ...sets, ...sizes, ...edits],
});
