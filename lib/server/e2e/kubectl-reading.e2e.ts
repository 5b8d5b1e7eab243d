import { hostContainer, hostDeployment, hostPod } from '../../testing/host-manifests.ts';
import { type Step, testKubectl } from '../../testing/kubectl-steps.ts';

const two = [hostContainer('a', 'exec sleep 1000'), hostContainer('b', 'exec sleep 1000')];

const given: readonly Step[] = [
  { run: 'create -f web.json', prints: /^deployment\.apps\/web created$/m },
  { run: 'rollout status deployment/web --timeout=60s', prints: /successfully rolled out/ },
  { run: 'expose deployment web --port=80 --target-port=8080', prints: /^service\/web exposed$/m },
  {
    run: 'get pods -l app=web -o jsonpath={.items[0].metadata.name}',
    prints: /^web-\w+-\w{5}$/,
    save: 'POD',
  },
];

const about: readonly Step[] = [
  { run: 'version', prints: /^Server Version: v1\.32\.0\+pintle$/m, sinceMinor: 28 },
  { run: 'version -o json', prints: /"gitVersion": "v1\.32\.0\+pintle"/ },
  { run: 'cluster-info', prints: /control plane.* is running at.*https:\/\/127\.0\.0\.1:/ },
  {
    run: 'cluster-info dump',
    prints: /^==== START logs for container main of pod play-\d+\/web-\S+ ====\nhello\n/m,
  },
  { run: 'cluster-info dump --output-directory=dump$MINOR', prints: /^Cluster info dumped to dump/ },
  { run: 'api-versions', prints: /^apps\/v1\n(.*\n)*v1\n$/m },
  { run: 'api-resources', prints: /^deployments +deploy +apps\/v1 +true +Deployment$/m },
  { run: 'api-resources --namespaced=false -o name', prints: /^nodes$/m, omits: /^pods$/m },
  { run: 'api-resources --verbs=list,get -o name', prints: /^pods$/m, omits: /tokenreviews|^bindings/m },
  {
    run: 'api-resources --api-group=apps -o wide',
    prints:
      /^deployments +deploy +apps\/v1 +true +Deployment +create,delete,deletecollection,get,list,patch,update,watch +all$/m,
  },
  { run: 'api-resources --categories=all --no-headers', prints: /^cronjobs /m, omits: /^configmaps/m },
  { run: 'explain deployments.spec.replicas', prints: /replicas <integer>/ },
  { run: 'explain pods --recursive', prints: /terminationGracePeriodSeconds\s+<integer>/ },
  { run: 'plugin list', code: 1, complains: /unable to find any kubectl plugins/ },
  { run: 'config current-context', prints: /^pintle$/m },
];

const tables: readonly Step[] = [
  {
    run: 'get all',
    prints:
      /^NAME +READY +STATUS +RESTARTS +AGE\npod\/web-\S+ +1\/1 +Running +0 +\d+s\n\nNAME.*\nservice\/web +ClusterIP +\S+ +<none> +80\/TCP +\d+s\n\nNAME +READY +UP-TO-DATE +AVAILABLE +AGE\ndeployment\.apps\/web +1\/1 +1 +1 +\d+s\n\nNAME +DESIRED +CURRENT +READY +AGE\nreplicaset\.apps\/web-\w+ +1 +1 +1 +\d+s\n$/,
  },
  {
    run: 'get deploy,rs,po -o name',
    prints: /^deployment\.apps\/web\nreplicaset\.apps\/web-\w+\npod\/web-\S+\n$/,
  },
  { run: 'get pods --show-kind', prints: /^pod\/web-/m },
  {
    run: 'get pods -o wide',
    prints:
      /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\nweb-\S+ +1\/1 +Running +0 +\d+s +127\.97\.\S+ +\S+ +<none> +<none>$/m,
  },
  { run: 'get pods --no-headers', prints: /^web-/, omits: /NAME/ },
  { run: 'get pods --show-labels', prints: /app=web,pod-template-hash=\w+$/m },
  { run: 'get pods -L app,nothing', prints: /^NAME +READY +STATUS +RESTARTS +AGE +APP +NOTHING\n.* web +$/m },
  { run: 'get pods -l app=web,pod-template-hash', prints: /^web-/m },
  { run: "get pods -l 'app in (none,nobody)'", complains: /^No resources found in \S+ namespace\.$/m },
  { run: "get pods -l 'app in (none'", code: 1, complains: /BadRequest/ },
  { run: 'get pods --field-selector=status.phase=Running -o name', prints: /^pod\/web-/ },
  { run: 'get pods --field-selector=status.phase!=Running', complains: /^No resources found/ },
  { run: 'get pods --field-selector=foo=bar', code: 1, complains: /field label not supported: foo/ },
  { run: 'get pods -A --sort-by=.metadata.name', prints: /^NAMESPACE +NAME/ },
  { run: 'get deploy -o wide', prints: /^web +1\/1 +1 +1 +\d+s +main +host +app=web$/m },
  { run: 'get svc -o wide', prints: /^web +ClusterIP +\S+ +<none> +80\/TCP +\d+s +app=web$/m },
  { run: 'get endpoints web', prints: /^web +127\.97\.\d+\.\d+:\d+ +\d+s$/m, eventually: true },
  { run: 'get ep web', prints: /^web /m },
  {
    run: 'get endpointslices -l kubernetes.io/service-name=web',
    prints: /^web-\w{5} +IPv4 +\d+ +127\.97\./m,
  },
  { run: 'get ns', prints: /^default +Active/m },
  { run: 'get sa', prints: /^default +0 +\d+s$/m },
  { run: 'get clusterroles view', prints: /^view +\d{4}-\d\d-\d\dT/m },
  {
    run: 'get nodes',
    prints: /^NAME +STATUS +ROLES +AGE +VERSION\n\S+ +Ready +\S+ +\w+ +v1\.32\.0\+pintle\n$/,
  },
  {
    run: 'get nodes -o wide',
    prints: /INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME/,
  },
  {
    run: 'get events -o wide --field-selector reason=Started',
    prints: / +pod\/\S+ +spec\.containers\{\S+\} +kubelet, \S+ +Started container /,
  },
  { run: 'get events --sort-by=.lastTimestamp', prints: /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n/ },
  { run: 'get deploy web --subresource=scale', prints: /^NAME +DESIRED +AVAILABLE +AGE\nweb +1 +1 +\d+s\n$/ },
  { run: 'get deploy web --subresource=status -o name', prints: /^deployment\.apps\/web$/m },
  { run: 'get nosuch', code: 1, complains: /^error: the server doesn't have a resource type "nosuch"$/m },
  {
    run: 'get pods nothing',
    code: 1,
    complains: /^Error from server \(NotFound\): pods "nothing" not found$/m,
  },
  { run: 'get pods nothing --ignore-not-found' },
  { run: 'get pod/$POD deploy/web', prints: /^pod\/web-[\s\S]*^deployment\.apps\/web/m },
];

const forms: readonly Step[] = [
  {
    run: 'get deploy web -o yaml',
    prints: /^apiVersion: apps\/v1\nkind: Deployment\nmetadata:\n/,
    omits: /managedFields/,
  },
  { run: 'get deploy web -o yaml --show-managed-fields', prints: /manager: kubectl-create\n/ },
  { run: 'get deploy web -o json', prints: /^{\n {4}"apiVersion": "apps\/v1",\n {4}"kind": "Deployment",\n/ },
  { run: 'get pods -o json', prints: /^{\n {4}"apiVersion": "v1",\n {4}"items": \[\n/ },
  { run: 'get deploy web -o jsonpath={.spec.replicas}', prints: /^1$/ },
  {
    run: `get pods -o jsonpath='{range .items[*]}{.metadata.name}{"\\t"}{.status.phase}{"\\n"}{end}'`,
    prints: /^web-\S+\tRunning\n$/,
  },
  {
    run: 'get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image',
    prints: /^NAME +IMAGE\nweb-\S+ +host\n$/,
  },
  { run: "get pods -o go-template='{{range .items}}{{.metadata.name}}{{end}}'", prints: /^web-\S+$/ },
  { run: 'get -f web.json', prints: /^web +1\/1/m },
  { run: 'get -f web.json -o name', prints: /^deployment\.apps\/web$/m },
  { run: 'get cm -n default -o yaml', prints: /^apiVersion: v1\nitems:/ },
  { run: 'create cm plain --from-literal=a=b', prints: /^configmap\/plain created$/m },
  // What Kubernetes does not count has no generation.
  {
    run: 'get cm plain -o yaml',
    prints:
      /^apiVersion: v1\ndata:\n {2}a: b\nkind: ConfigMap\nmetadata:\n {2}creationTimestamp: "\S+"\n {2}name: plain\n {2}namespace: \S+\n {2}resourceVersion: "\d+"\n {2}uid: \S+\n$/,
  },
  { run: 'get --raw /healthz', prints: /^ok$/ },
  { run: 'get --raw /readyz', prints: /^ok$/ },
  {
    run: 'get --raw /api/v1/namespaces/$NAMESPACE/configmaps/plain',
    prints: /^{"apiVersion":"v1"|^{"kind":"ConfigMap"/,
  },
  {
    run: 'get --raw /api/v1/namespaces/$NAMESPACE/configmaps/none',
    code: 1,
    complains: /\(NotFound\): configmaps "none" not found/,
  },
  { run: 'get --raw /nowhere', code: 1, complains: /\(NotFound\)/ },
];

const pages: readonly Step[] = [
  ...['p1', 'p2', 'p3', 'p4', 'p5'].map((name): Step => ({ run: `create cm ${name} --from-literal=a=b` })),
  { run: 'label cm p1 p2 p3 p4 p5 page=1', prints: /labeled/ },
  {
    run: 'get cm -l page=1 --chunk-size=2 -o name',
    prints: /^configmap\/p1\nconfigmap\/p2\nconfigmap\/p3\nconfigmap\/p4\nconfigmap\/p5\n$/,
  },
  {
    run: 'get cm -l page=1 --chunk-size=1',
    prints: /^NAME +DATA +AGE\np1 .*\np2 .*\np3 .*\np4 .*\np5 .*\n$/,
  },
  { run: 'get cm -l page=1 --chunk-size=1 -v=8', complains: /limit=1/ },
];

const watches: readonly Step[] = [
  {
    run: 'get cm p1 -w --output-watch-events',
    prints: /^EVENT +NAME +DATA +AGE\nADDED +p1 +1 +\S+\nMODIFIED +p1 +2 +\S+\nDELETED +p1 +2 +\S+\n/,
    meanwhile: [
      { run: `patch cm p1 -p '{"data":{"c":"d"}}'`, prints: /patched/ },
      { run: 'delete cm p1', prints: /deleted/ },
    ],
  },
  {
    run: 'get cm -l page=1 -w',
    prints: /^NAME +DATA +AGE\np2 .*\np3 .*\np4 .*\np5 .*\np2 .*\n/,
    meanwhile: [{ run: 'label cm p2 more=1', prints: /labeled/ }],
  },
  {
    run: 'get cm p3 -w -o name',
    prints: /^(configmap\/p3\n){2}/,
    meanwhile: [{ run: 'label cm p3 more=1', prints: /labeled/ }],
  },
  {
    run: 'get cm p4 -w -o jsonpath={.metadata.labels}',
    prints: /"more":"1"/,
    meanwhile: [{ run: 'label cm p4 more=1', prints: /labeled/ }],
  },
];

const described: readonly Step[] = [
  {
    run: 'describe deployment web',
    prints:
      /^Replicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable\nStrategyType: +RollingUpdate\n[\s\S]*^NewReplicaSet: +web-\w+ \(1\/1 replicas created\)\nEvents:\n[\s\S]*Scaled up replica set web-/m,
  },
  {
    run: 'describe rs -l app=web',
    prints:
      /^Controlled By: +Deployment\/web\nReplicas: +1 current \/ 1 desired\nPods Status: +1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m,
  },
  {
    run: 'describe pod $POD',
    prints:
      /^Controlled By: +ReplicaSet\/web-\w+\nContainers:\n {2}main:\n[\s\S]*^ {4}State: +Running\n[\s\S]*^QoS Class: +Burstable\n[\s\S]*Successfully assigned/m,
  },
  {
    run: 'describe node $NODE',
    prints:
      /^Conditions:\n[\s\S]*Ready +True[\s\S]*^Non-terminated Pods:[\s\S]*web-\S+ +10m \(\d+%\)[\s\S]*^Allocated resources:/m,
  },
  {
    run: 'describe ns $NAMESPACE',
    prints: /^Status: +Active\n\nNo resource quota\.\n\nNo LimitRange resource\.$/m,
  },
  {
    run: 'describe svc web',
    prints:
      /^Type: +ClusterIP\nIP Family Policy: +SingleStack\nIP Families: +IPv4\nIP: +\S+\nIPs: +\S+\nPort: +<unset> +80\/TCP\nTargetPort: +8080\/TCP\nEndpoints: +127\.97\.\S+\n/m,
  },
  { run: 'create secret generic hidden --from-literal=key=value' },
  {
    run: 'describe secret hidden',
    prints: /^Type: +Opaque\n\nData\n====\nkey: +5 bytes$/m,
    omits: /dmFsdWU|value/,
  },
  { run: 'describe cm plain', prints: /^Data\n====\na:\n----\nb\n/m },
  { run: 'describe sa default', prints: /^Name: +default$/m },
  { run: 'autoscale deployment web --min=1 --max=3 --cpu-percent=50', prints: /autoscaled/ },
  { run: 'describe hpa web', prints: /^Reference: +Deployment\/web$/m },
  { run: 'get hpa web', prints: /^web +Deployment\/web +\S.*50% +1 +3 +1 +\d+s$/m, eventually: true },
  { run: 'create pdb web --selector=app=web --max-unavailable=1', prints: /created/ },
  { run: 'get pdb web', prints: /^web +N\/A +1 +1 +\d+s$/m, eventually: true },
  {
    run: 'describe pdb web',
    prints:
      /^Max unavailable: +1\nSelector: +app=web\nStatus:\n +Allowed disruptions: +1\n +Current: +1\n +Desired: +0\n +Total: +1$/m,
  },
  { run: 'create ingress web --rule=foo.com/bar=web:80', prints: /created/ },
  { run: 'get ingress web', prints: /^web +<none> +foo\.com +80 +\d+s$/m },
  { run: 'describe ingress web', prints: /^ {2}foo\.com +\n? +\/bar +web:80 \(127\.97\./m },
  { run: 'describe endpoints web', prints: /^ {2}Addresses: +127\.97\./m },
  { run: 'describe endpointslice -l kubernetes.io/service-name=web', prints: /TargetRef: +Pod\/web-/ },
  { run: 'describe clusterrole view', prints: /^ {2}pods +\[\] +\[\] +\[get list watch\]$/m },
  { run: 'describe clusterrolebinding cluster-admin', prints: /Group +system:masters/ },
  { run: 'create cronjob tick --image=host --schedule="0 0 1 1 *" -- echo hi', prints: /created/ },
  { run: 'describe cronjob tick', prints: /^Schedule: +0 0 1 1 \*$/m },
  { run: 'get cj', prints: /^tick +0 0 1 1 \* +.*False +0 +<none>/m },
  { run: 'create job once --image=host -- echo done', prints: /created/ },
  { run: 'wait --for=condition=complete job/once --timeout=30s', prints: /condition met/ },
  { run: 'describe job once', prints: /^Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed$/m },
  { run: 'get job once', prints: /^once +(Complete +)?1\/1 +\d+s +\d+s$/m },
  { run: 'describe pod none', code: 1, complains: /pods "none" not found/ },
];

const events: readonly Step[] = [
  {
    run: 'events',
    prints: /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n[\s\S]*Deployment\/web +Scaled up replica set/,
  },
  { run: 'events --for deployment/web', prints: /ScalingReplicaSet +Deployment\/web/, omits: /Pod\/web/ },
  { run: 'events --types=Warning', omits: /Normal/ },
  { run: 'events -A', prints: /^NAMESPACE +LAST SEEN/ },
  { run: 'get events.events.k8s.io', prints: /deployment\/web/ },
  {
    run: 'events -w',
    prints: /Started container b/,
    meanwhile: [{ run: 'create -f two.json', prints: /created/ }],
  },
];

testKubectl({
  title: 'what is there is read, listed, watched and described',
  versions: 'oldest and newest',
  files: { 'web.json': hostDeployment('web'), 'two.json': hostPod('two', two) },
  steps: [...given, ...about, ...tables, ...forms, ...pages, ...watches, ...described, ...events],
});
