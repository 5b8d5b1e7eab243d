import test from 'ava';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { deployment, ref, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';

const safe = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const podIn = (context: JsonObject, more: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { containers: [{ name: 'main', image: 'host', securityContext: context }], ...more },
});
/** A client with a namespace of these labels, what it answers to a pod, and the warnings on the way. */
async function answer(
  labels: Readonly<Record<string, string>>,
  object: KubeObject,
  settings: object = {},
): Promise<{ readonly says: string; readonly warnings: readonly string[] }> {
  const { client } = await localApi({ settings });
  const prefixed = Object.entries(labels).map(([mode, level]) => [
    `pod-security.kubernetes.io/${mode}`,
    level,
  ]);
  await client.create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: Object.fromEntries(prefixed) } },
    tester,
  );
  const warnings: string[] = [];
  const caller = { ...tester, onWarning: (text: string) => void warnings.push(text) };
  const says = await client.create(object, caller).then(() => 'made', messageOf);
  return { says, warnings };
}

const ALL =
  'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

test('a restricted namespace takes only pods that say they give up what they can', async (t) => {
  t.is((await answer({ enforce: 'restricted' }, podIn(safe))).says, 'made');
  t.is(
    (await answer({ enforce: 'restricted' }, podIn({}))).says,
    `pods "a" is forbidden: violates PodSecurity "restricted:latest": ${ALL}`,
  );
});

for (const { title, context, more, names } of [
  {
    title: 'a user that is root',
    context: { ...safe, runAsUser: 0 },
    more: {},
    names: /runAsUser=0 \(container "main" must not set runAsUser=0\)$/,
  },
  {
    title: 'a capability',
    context: { ...safe, capabilities: { drop: ['ALL'], add: ['CHOWN'] } },
    more: {},
    names: /must not include "CHOWN" in securityContext.capabilities.add\)$/,
  },
  {
    title: 'a volume of another kind',
    context: safe,
    more: { volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] },
    names: /volume "v" uses restricted volume type "nfs"\)$/,
  },
  {
    title: 'runAsNonRoot false in a container, though the pod says true',
    context: { ...safe, runAsNonRoot: false },
    more: { securityContext: { runAsNonRoot: true } },
    names: /container "main" must not set securityContext.runAsNonRoot=false\)$/,
  },
]) {
  test(`a restricted namespace refuses ${title}`, async (t) => {
    t.regex((await answer({ enforce: 'restricted' }, podIn(context, more))).says, names);
  });
}

test('a level to warn of is told, of pods and of what makes them, and refuses nothing', async (t) => {
  const { says, warnings } = await answer({ warn: 'restricted' }, podIn({}));
  t.is(says, 'made');
  t.deepEqual(warnings, [`would violate PodSecurity "restricted:latest": ${ALL}`]);
  const web = deployment('web');
  const { warnings: ofWeb } = await answer(
    { warn: 'restricted' },
    { ...web, metadata: { ...web.metadata, namespace: 'shop' } },
  );
  t.is(ofWeb.length, 1);
  t.deepEqual((await answer({ warn: 'baseline' }, podIn({}))).warnings, []);
});

test('what makes pods that will be refused is told so at once', async (t) => {
  const web = deployment('web');
  const spec = {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { hostNetwork: true, containers: [{ name: 'main', image: 'host' }] },
    },
  };
  const { says, warnings } = await answer({}, { ...web, metadata: { name: 'web', namespace: 'shop' }, spec });
  t.is(says, 'made');
  t.regex(
    warnings[0] ?? '',
    /^would violate PodSecurity "baseline:latest": spec\.template\.spec\.hostNetwork shares/,
  );
});

test('no label gives more than the owner of the machine, and one takes what the owner gives', async (t) => {
  const host = podIn({}, { hostNetwork: true });
  t.regex(
    (await answer({ enforce: 'privileged' }, host)).says,
    /violates PodSecurity "baseline": spec\.hostNetwork shares/,
  );
  t.is((await answer({}, host, { allowHostAccess: true })).says, 'made');
  t.regex(
    (await answer({ enforce: 'baseline' }, host, { allowHostAccess: true })).says,
    /violates PodSecurity "baseline/,
  );
});

test('a level that is none is refused; a namespace that becomes stricter leaves its pods alone', async (t) => {
  const { client } = await localApi();
  const namespace = (level: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': level } },
  });
  t.regex(
    await client.create(namespace('strict'), tester).then(String, messageOf),
    /Invalid value: "strict": must be one of privileged, baseline, restricted$/,
  );
  await client.create(namespace('baseline'), tester);
  await client.create(podIn({}), tester);
  await client.update(namespace('restricted'), tester);
  const patch = { type: 'merge', patch: { metadata: { labels: { a: 'b' } } } } as const;
  await t.notThrowsAsync(client.patch(ref('Pod', 'a', 'shop'), patch, tester));
});
