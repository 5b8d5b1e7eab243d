import { testKubectl } from '../../testing/kubectl-steps.ts';

const mypod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'mypod' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      { name: 'main', image: 'host', command: ['sh', '-c', 'echo found-by-its-words; sleep 1000'] },
    ],
  },
};

testKubectl({
  title: 'kubectl debug looks into pods',
  versions: 'all',
  files: { 'mypod.yaml': JSON.stringify(mypod) },
  steps: [
    { run: 'create -f mypod.yaml', prints: /^pod\/mypod created$/m },
    { run: 'wait --for=condition=Ready pod/mypod --timeout=60s', prints: /condition met/ },
    {
      run: "debug mypod --image=host --target=main -c looking -- sh -c 'cat /proc/[0-9]*/cmdline | tr -d \\\\0; exit 4'",
    },
    {
      run: "get pod mypod -o 'jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.exitCode}'",
      prints: /^4$/,
      eventually: true,
    },
    { run: 'logs mypod -c looking', prints: /found-by-its-words/ },
    { run: 'describe pod mypod', prints: /^Ephemeral Containers:\n {2}looking:$/m },
    { run: 'get pod mypod', prints: /^mypod +1\/1 +Running +0 /m },
    {
      run: "debug mypod --image=host --target=nobody -- sh -c 'exit 0'",
      code: 1,
      complains: /spec\.ephemeralContainers\[1\]\.targetContainerName.*"nobody"/,
    },
    {
      run: "debug mypod --copy-to=copy --image=host --container=beside -- sh -c 'echo in the copy; sleep 1000'",
    },
    { run: 'logs copy -c beside', prints: /^in the copy$/m, eventually: true },
    { run: 'get pod copy', prints: /^copy +2\/2 +Running /m, eventually: true },
    {
      run: 'debug node/$NODE --image=host -- true',
      code: 1,
      complains: /violates PodSecurity "baseline".*spec\.hostPID.*--allow-host-access/s,
    },
    {
      run: 'patch pod mypod -p \'{"spec":{"ephemeralContainers":[{"name":"other","image":"host"}]}}\'',
      code: 1,
      complains: /spec\.ephemeralContainers/,
    },
    { run: 'delete pod mypod copy', prints: /pod "copy" deleted/ },
  ],
});
