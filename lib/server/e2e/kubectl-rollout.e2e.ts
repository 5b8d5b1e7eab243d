import { hostContainer, hostDeployment, hostPod } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const rollouts: readonly Step[] = [
  { run: 'create -f web.json', prints: /created/ },
  {
    run: 'rollout status deployment/web --timeout=60s',
    prints: /^deployment "web" successfully rolled out$/m,
  },
  { run: 'annotate deployment/web kubernetes.io/change-cause=first', prints: /annotate/ },
  { run: 'set env deployment/web B=2', prints: /env updated/ },
  { run: 'annotate deployment/web kubernetes.io/change-cause=second --overwrite', prints: /annotate/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  {
    run: 'rollout history deployment/web',
    prints: /^deployment\.apps\/web \nREVISION +CHANGE-CAUSE\n1 +first\n2 +second\n/,
    eventually: true,
  },
  {
    run: 'rollout history deployment/web --revision=2',
    prints: /with revision #2\nPod Template:\n[\s\S]*B:\s+2/,
  },
  {
    run: 'rollout history deployment/web --revision=9',
    code: 1,
    complains: /unable to find the specified revision/,
  },
  {
    run: 'rollout status deployment/web --revision=1',
    code: 1,
    complains: /desired revision \(1\) is different from the running revision \(2\)/,
  },
  { run: 'rollout undo deployment/web --dry-run=client', prints: /Pod Template/ },
  { run: 'rollout undo deployment/web --dry-run=server', prints: /rolled back \(server dry run\)/ },
  { run: 'rollout undo deployment/web', prints: /^deployment\.apps\/web rolled back$/m },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'get deployment web -o jsonpath={.spec.template.spec.containers[0].env[*].name}', prints: /^A$/ },
  { run: 'rollout history deployment/web', prints: /\n2 +second\n3 +first\n/, eventually: true },
  { run: 'rollout undo deployment/web --to-revision=2', prints: /rolled back/ },
  {
    run: 'rollout undo deployment/web --to-revision=9',
    code: 1,
    complains: /unable to find specified revision 9 in history/,
  },
  { run: 'rollout pause deployment/web', prints: /^deployment\.apps\/web paused$/m },
  { run: 'rollout pause deployment/web', code: 1, complains: /is already paused/ },
  { run: 'rollout undo deployment/web', code: 1, complains: /you cannot rollback a paused deployment/ },
  { run: 'rollout restart deployment/web', code: 1, complains: /can't restart paused deployment/ },
  { run: 'set env deployment/web C=3', prints: /env updated/ },
  {
    run: 'rollout status deployment/web --watch=false',
    prints: /Waiting for deployment "web" rollout to finish: 0 out of 1 new replicas have been updated/,
    eventually: true,
  },
  { run: 'rollout resume deployment/web', prints: /^deployment\.apps\/web resumed$/m },
  { run: 'rollout resume deployment/web', code: 1, complains: /is not paused/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'rollout restart deployment/web', prints: /^deployment\.apps\/web restarted$/m },
  {
    run: 'rollout status deployment -l app=web --timeout=60s',
    prints: /successfully rolled out/,
    sinceMinor: 28,
  },
  {
    run: 'get deployment web -o jsonpath={.spec.template.metadata.annotations}',
    prints: /kubectl\.kubernetes\.io\/restartedAt/,
  },
  { run: `patch deployment web -p '{"spec":{"progressDeadlineSeconds":2}}'`, prints: /patched/ },
  { run: 'set image deployment/web main=nothing-like-it', prints: /image updated/ },
  {
    run: 'rollout status deployment/web --timeout=60s',
    code: 1,
    complains: /^error: deployment "web" exceeded its progress deadline$/m,
  },
  { run: 'rollout undo deployment/web', prints: /rolled back/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'rollout history cm/none', code: 1 },
];

const waits: readonly Step[] = [
  {
    run: 'wait --for=condition=Available deployment/web --timeout=30s',
    prints: /^deployment\.apps\/web condition met$/m,
  },
  { run: 'wait --for=condition=Available deployment --all --timeout=30s', prints: /condition met/ },
  { run: 'wait --for=condition=Ready pod -l app=web --timeout=30s', prints: /^pod\/web-\S+ condition met$/m },
  {
    run: 'wait --for=jsonpath={.status.readyReplicas}=1 deployment/web --timeout=30s',
    prints: /condition met/,
  },
  {
    run: 'wait --for=jsonpath={.status.readyReplicas} deployment/web --timeout=30s',
    prints: /condition met/,
    sinceMinor: 31,
  },
  { run: 'wait --for=condition=Progressing=true deployment/web --timeout=30s', prints: /condition met/ },
  {
    run: 'wait --for=condition=None deployment/web --timeout=1s',
    code: 1,
    complains: /^error: timed out waiting for the condition on deployments\/web$/m,
  },
  { run: 'wait --for=condition=Ready pod/none --timeout=1s', code: 1, complains: /pods "none" not found/ },
  { run: 'wait --for=delete pod/none --timeout=1s' },
  { run: 'wait --for=create deployment/web --timeout=5s', prints: /condition met/, sinceMinor: 31 },
  { run: 'create -f crash.json', prints: /created/ },
  { run: 'delete pod crash --wait=false', prints: /pod "crash" deleted/ },
  { run: 'wait --for=delete pod/crash --timeout=30s' },
  { run: 'get pod crash', code: 1, complains: /NotFound/ },
];

testKubectl({
  title: 'rollouts go on, back, halt and fail, and are waited for',
  versions: 'oldest and newest',
  files: {
    'web.json': hostDeployment('web'),
    'crash.json': hostPod('crash', [hostContainer('main', 'exec sleep 1000')]),
  },
  steps: [...rollouts, ...waits],
});
