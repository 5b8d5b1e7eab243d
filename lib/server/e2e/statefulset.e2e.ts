import { testKubectl } from '../../testing/kubectl-steps.ts';

const web = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web' },
  spec: {
    serviceName: 'web',
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'main', image: 'host', command: ['sh', '-c', 'echo $COLOUR; sleep 1000'] }],
      },
    },
  },
};

testKubectl({
  title: 'StatefulSets roll out, scale and go back',
  versions: 'oldest and newest',
  files: { 'web.yaml': JSON.stringify(web) },
  steps: [
    { run: 'create -f web.yaml', prints: /^statefulset\.apps\/web created$/m },
    {
      run: 'rollout status sts/web --timeout=60s',
      prints: /rolling update complete 2 pods|roll out complete/,
    },
    { run: 'get sts', prints: /^NAME +READY +AGE\nweb +2\/2 / },
    { run: 'get pods -l app=web -o name', prints: /^pod\/web-0\npod\/web-1\n$/ },
    { run: 'scale sts web --replicas=3', prints: /^statefulset\.apps\/web scaled$/m },
    { run: 'wait --for=jsonpath={.status.readyReplicas}=3 sts/web --timeout=60s', prints: /condition met/ },
    { run: 'set env sts/web COLOUR=red', prints: /env updated/ },
    { run: 'rollout status sts/web --timeout=60s', prints: /complete/ },
    { run: 'logs web-0', prints: /^red$/m },
    { run: 'rollout history sts/web', prints: /^1 +<none>\n2 +<none>$/m },
    { run: 'rollout undo sts/web', prints: /rolled back/ },
    { run: 'rollout status sts/web --timeout=60s', prints: /complete/ },
    { run: 'get sts web -o jsonpath={.spec.template.spec.containers[0].env}', prints: /^$/ },
    { run: 'rollout history sts/web', prints: /^2 +<none>\n3 +<none>$/m },
    { run: 'describe sts web', prints: /create Pod web-0 in StatefulSet web successful/ },
    { run: 'delete pod web-1', prints: /deleted/ },
    { run: 'wait --for=jsonpath={.status.readyReplicas}=3 sts/web --timeout=60s', prints: /condition met/ },
    { run: 'delete sts web', prints: /deleted/ },
    { run: 'wait --for=delete pod -l app=web --timeout=60s' },
  ],
});
