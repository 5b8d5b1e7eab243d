import { hostContainer, hostDeployment, hostPod } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const marks: readonly Step[] = [
  { run: 'cordon $NODE', prints: /^node\/\S+ cordoned$/m },
  { run: 'cordon $NODE', prints: /^node\/\S+ already cordoned$/m },
  { run: 'get nodes', prints: / Ready,SchedulingDisabled /m },
  { run: 'create -f lone.json', prints: /created/ },
  { run: 'get pod lone', prints: /^lone +0\/1 +Pending/m },
  { run: 'describe pod lone', prints: /Warning +FailedScheduling/, eventually: true },
  { run: 'uncordon $NODE', prints: /^node\/\S+ uncordoned$/m },
  { run: 'uncordon $NODE', prints: /^node\/\S+ already uncordoned$/m },
  { run: 'wait --for=condition=Ready pod/lone --timeout=30s', prints: /condition met/ },
  { run: 'taint node $NODE k=v:NoSchedule', prints: /^node\/\S+ tainted$/m },
  {
    run: 'taint node $NODE k=v:NoSchedule',
    code: 1,
    complains: /already has k taint\(s\) with same effect\(s\) and --overwrite is false/,
  },
  { run: 'taint node $NODE k=w:NoSchedule --overwrite', prints: /^node\/\S+ modified$/m },
  { run: 'describe node $NODE', prints: /^Taints: +k=w:NoSchedule$/m },
  { run: 'taint node $NODE k:NoSchedule-', prints: /^node\/\S+ untainted$/m },
  { run: 'taint node $NODE k-', code: 1, complains: /taint "k" not found/ },
  { run: 'taint node --all z=1:PreferNoSchedule', prints: /tainted/ },
  { run: 'taint node --all z-', prints: /untainted/ },
  { run: 'label node $NODE gpu=true', prints: /labeled/ },
  { run: 'get nodes -l gpu=true', prints: /Ready/ },
  { run: 'label node $NODE gpu-', prints: /unlabeled/ },
  { run: 'annotate node $NODE note=1', prints: /annotate/ },
  { run: 'annotate node $NODE note-', prints: /annotate/ },
];

const drains: readonly Step[] = [
  { run: 'create -f web.json', prints: /created/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully/ },
  { run: 'drain $NODE --dry-run=server --force', prints: /server dry run/ },
  { run: 'create pdb web --selector=app=web --min-available=1', prints: /created/ },
  { run: 'get pdb web', prints: /^web +1 +N\/A +0 +/m, eventually: true },
  { run: 'drain $NODE --dry-run=client --force', prints: /cordoned \(dry run\)/ },
  { run: 'get nodes', omits: /SchedulingDisabled/ },
  {
    run: 'drain $NODE',
    code: 1,
    complains: /cannot delete Pods (that )?declare no controller \(use --force to override\): \S+\/lone/,
  },
  {
    run: 'drain $NODE --force --ignore-daemonsets --timeout=3s',
    code: 1,
    prints: /^pod\/lone evicted$/m,
    complains:
      /error when evicting pods\/"web-\S+" -n "\S+" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./,
  },
  { run: 'get pods -l app=web', prints: /Running/ },
  { run: 'drain $NODE --force --pod-selector=app=none --timeout=20s', prints: /^node\/\S+ drained$/m },
  {
    run: 'drain $NODE --ignore-daemonsets --disable-eviction --timeout=30s',
    prints: /^pod\/web-\S+ deleted$/m,
  },
  { run: 'get pods -l app=web', prints: / Pending /, eventually: true },
  { run: 'uncordon $NODE', prints: /uncordoned/ },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully/ },
  { run: 'delete pdb web', prints: /deleted/ },
  { run: 'drain $NODE --grace-period=1 --timeout=30s', prints: /^pod\/web-\S+ evicted$/m },
  { run: 'uncordon $NODE', prints: /uncordoned/ },
  { run: 'drain none', code: 1, complains: /nodes "none" not found/ },
];

testKubectl({
  title: 'nodes are cordoned, tainted and drained',
  versions: 'oldest and newest',
  files: {
    'web.json': hostDeployment('web'),
    'lone.json': hostPod('lone', [hostContainer('main', 'exec sleep 1000')]),
  },
  steps: [...marks, ...drains],
});
