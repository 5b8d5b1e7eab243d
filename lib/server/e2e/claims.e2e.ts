import { testKubectl } from '../../testing/kubectl-steps.ts';

const claim = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

const pod = (name: string, command: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    containers: [
      {
        name: 'main',
        image: 'host',
        command: ['sh', '-c', command],
        volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'sub' }],
      },
    ],
  },
});

const database = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: {
      metadata: { labels: { app: 'db' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'main',
            image: 'host',
            command: ['sh', '-c', 'echo run >> /data/runs; wc -l < /data/runs; sleep 1000'],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
      },
    },
    volumeClaimTemplates: [claim('data')],
  },
};

const deleting = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'deleting' },
  provisioner: 'local.pintle.dev',
};

testKubectl({
  title: 'claims get volumes that outlive pods',
  versions: 'oldest and newest',
  files: {
    'claim.yaml': JSON.stringify(claim('data')),
    'write.yaml': JSON.stringify(pod('write', 'echo kept > /data/file')),
    'read.yaml': JSON.stringify(pod('read', 'cat /data/file; sleep 1000')),
    'db.yaml': JSON.stringify(database),
    'none.yaml': JSON.stringify(claim('none', { storageClassName: 'none' })),
    'host.yaml': JSON.stringify({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'host-files' },
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/etc' } },
    }),
  },
  steps: [
    { run: 'get sc local', prints: /^local \(default\) +local\.pintle\.dev +Retain +Immediate +true /m },
    // The pod waits for its claim, and is told what it waits for.
    { run: 'create -f write.yaml', prints: /created/ },
    { run: 'describe pod write', prints: /persistentvolumeclaim "data" not found/, eventually: true },
    { run: 'create -f claim.yaml', prints: /^persistentvolumeclaim\/data created$/m },
    { run: 'wait --for=jsonpath={.status.phase}=Bound pvc/data --timeout=30s', prints: /condition met/ },
    { run: 'get pvc data', prints: /^data +Bound +pvc-\S+ +1Gi +RWO +local /m },
    { run: 'wait --for=jsonpath={.status.phase}=Succeeded pod/write --timeout=60s', prints: /condition met/ },
    { run: 'delete pod write', prints: /deleted/ },
    { run: 'create -f read.yaml', prints: /created/ },
    { run: 'wait --for=condition=Ready pod/read --timeout=60s', prints: /condition met/ },
    { run: 'logs read', prints: /^kept$/m },
    // A claim in use is held; its data outlives it, as the class keeps what it holds.
    { run: 'get pvc data -o jsonpath={.spec.volumeName}', prints: /^pvc-/, save: 'VOLUME' },
    {
      run: `patch pvc data -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'`,
      prints: /patched/,
    },
    {
      run: 'wait --for=jsonpath={.status.capacity.storage}=2Gi pvc/data --timeout=30s',
      prints: /condition met/,
    },
    { run: 'delete pvc data --wait=false', prints: /deleted/ },
    { run: 'get pvc data', prints: /^data +Terminating /m },
    { run: 'delete pod read', prints: /deleted/ },
    { run: 'wait --for=delete pvc/data --timeout=30s' },
    { run: 'get pv $VOLUME -o jsonpath={.status.phase}', prints: /^Released$/, eventually: true },
    { run: 'delete pv $VOLUME', prints: /deleted/ },
    { run: 'create -f none.yaml', prints: /created/ },
    { run: 'describe pvc none', prints: /storageclass\.storage\.k8s\.io "none" not found/, eventually: true },
    { run: 'create -f host.yaml', code: 1, complains: /--allow-host-access/ },
    { run: 'create -f db.yaml', prints: /created/ },
    { run: 'rollout status sts/db --timeout=60s', prints: /complete/ },
    { run: 'logs db-0', prints: /^1$/m },
    { run: 'delete pod db-0', prints: /deleted/ },
    { run: 'logs db-0', prints: /^2$/m, eventually: true },
    { run: 'get pvc data-db-0 -o jsonpath={.status.phase}', prints: /^Bound$/ },
  ],
});

testKubectl({
  title: 'a class that deletes takes the volume with the claim',
  versions: 'oldest and newest',
  steps: [
    { run: 'apply -f -', stdin: JSON.stringify(deleting), prints: /created|unchanged/ },
    {
      run: 'create -f -',
      stdin: JSON.stringify(claim('data', { storageClassName: 'deleting' })),
      prints: /created/,
    },
    { run: 'wait --for=jsonpath={.status.phase}=Bound pvc/data --timeout=30s', prints: /condition met/ },
    { run: 'get pvc data -o jsonpath={.spec.volumeName}', prints: /^pvc-/, save: 'VOLUME' },
    { run: 'delete pvc data', prints: /deleted/ },
    { run: 'wait --for=delete pv/$VOLUME --timeout=30s' },
  ],
});
