import {
  type ApiException,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import { realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const NAMESPACE = 'default';
const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps`;

async function configOf(t: ExecutionContext): Promise<KubeConfig> {
  const daemon = await realDaemon(t);
  const config = new KubeConfig();
  config.loadFromString((await daemon.run('kubeconfig')).stdout);
  return config;
}

const configMap = (name: string, data: Record<string, string> = { a: '1' }): V1ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: NAMESPACE, labels: { made: 'here' } },
  data,
});

test('@kubernetes/client-node lists by pages, watches from a list, patches in every way and applies', async (t) => {
  const config = await configOf(t);
  const core = config.makeApiClient(CoreV1Api);
  const labelSelector = 'made=here';
  for (const name of ['one', 'two', 'three']) {
    await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap(name) });
  }
  const first = await core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector, limit: 2 });
  t.is(first.items.length, 2);
  const rest = await core.listNamespacedConfigMap({
    namespace: NAMESPACE,
    labelSelector,
    limit: 2,
    _continue: first.metadata?._continue ?? '',
  });
  t.deepEqual(
    [...first.items, ...rest.items].map(({ metadata }) => metadata?.name),
    ['one', 'three', 'two'],
  );
  t.true(first.items[0]?.metadata?.creationTimestamp instanceof Date);

  const events: string[] = [];
  const watching = await new Watch(config).watch(
    PATH,
    { labelSelector, resourceVersion: rest.metadata?.resourceVersion },
    (phase, object: V1ConfigMap) => events.push(`${phase} ${object.metadata?.name} ${object.data?.a}`),
    () => undefined,
  );
  const at = { name: 'one', namespace: NAMESPACE };
  const patched = async (strategy: PatchStrategy, body: unknown): Promise<string | undefined> => {
    const options = setHeaderOptions('Content-Type', strategy);
    const more = strategy === PatchStrategy.ServerSideApply ? { fieldManager: 'tester', force: true } : {};
    const { data } = await core.patchNamespacedConfigMap({ ...at, ...more, body }, options);
    return data?.a;
  };
  t.is(await patched(PatchStrategy.JsonPatch, [{ op: 'replace', path: '/data/a', value: '2' }]), '2');
  t.is(await patched(PatchStrategy.MergePatch, { data: { a: '3' } }), '3');
  t.is(await patched(PatchStrategy.StrategicMergePatch, { data: { a: '4' } }), '4');
  t.is(await patched(PatchStrategy.ServerSideApply, configMap('one', { a: '5' })), '5');
  await core.deleteNamespacedConfigMap({ name: 'two', namespace: NAMESPACE });
  const wanted = ['MODIFIED one 2', 'MODIFIED one 3', 'MODIFIED one 4', 'MODIFIED one 5', 'DELETED two 1'];
  await until(() => events.length >= wanted.length, { what: 'the events of the watch' });
  t.deepEqual(events, wanted);
  watching.abort();

  const failure = await t.throwsAsync<ApiException<unknown>>(
    core.readNamespacedConfigMap({ name: 'none', namespace: NAMESPACE }),
  );
  t.is(failure.code, 404);

  const objects = KubernetesObjectApi.makeApiClient(config);
  const made = await objects.create(configMap('four'));
  t.is(
    (await objects.read({ ...made, metadata: { name: 'four', namespace: NAMESPACE } })).metadata?.uid,
    made.metadata?.uid,
  );
  const replaced = await objects.replace({ ...made, data: { a: '9' } });
  t.is(replaced.data?.a, '9');
  const stale = await t.throwsAsync<ApiException<unknown>>(objects.replace({ ...made, data: { a: '8' } }));
  t.is(stale.code, 409);
});

test('an informer of @kubernetes/client-node follows what is made, changed and deleted', async (t) => {
  const config = await configOf(t);
  const core = config.makeApiClient(CoreV1Api);
  const labelSelector = 'made=here';
  const told: string[] = [];
  const informer = makeInformer<V1ConfigMap>(
    config,
    PATH,
    () => core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector }),
    labelSelector,
  );
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata?.name}`));
  }
  await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('before') });
  await informer.start();
  await until(() => told.length >= 1, { what: 'what was there' });
  await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('after') });
  await until(() => told.length >= 2, { what: 'what was made' });
  t.is(informer.get('after', NAMESPACE)?.data?.a, '1');
  await core.replaceNamespacedConfigMap({
    name: 'after',
    namespace: NAMESPACE,
    body: configMap('after', { a: '2' }),
  });
  await until(() => informer.get('after', NAMESPACE)?.data?.a === '2', { what: 'what was changed' });
  await core.deleteNamespacedConfigMap({ name: 'before', namespace: NAMESPACE });
  await until(() => informer.get('before', NAMESPACE) === undefined, { what: 'what was deleted' });
  t.deepEqual(told, ['add before', 'add after', 'update after', 'delete before']);
  await informer.stop();
});
