import test from 'ava';
import type { Pod, Secret } from '../../schema/types.gen.ts';
import { pullConfigs } from './pull-configs.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secrets: Readonly<Record<string, Secret['data']>> = {
  modern: { '.dockerconfigjson': base64('{"auths":{"a.example":{}}}') },
  old: { '.dockercfg': base64('{"b.example":{}}') },
  other: { key: base64('x') },
};
const references = {
  secret: (namespace: string, name: string): Secret | undefined =>
    namespace === 'shop' && Object.hasOwn(secrets, name)
      ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: secrets[name] }
      : undefined,
};
const podOf = (...names: readonly string[]): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { containers: [], imagePullSecrets: names.map((name) => ({ name })) },
});

test('both kinds of pull secrets give a configuration, in order; what is missing is named', (t) => {
  t.deepEqual(pullConfigs(podOf('old', 'nowhere', 'modern', 'other'), references), {
    dockerConfigs: ['{"auths":{"b.example":{}}}', '{"auths":{"a.example":{}}}'],
    missing: ['nowhere', 'other'],
  });
  t.deepEqual(pullConfigs(podOf(), references), { dockerConfigs: [], missing: [] });
});
