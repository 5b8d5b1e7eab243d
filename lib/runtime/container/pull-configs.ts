import type { Pod, Secret } from '../../schema/types.gen.ts';
import { type References, secretBytes } from '../references.ts';

export type PullConfigs = {
  /** In the order of imagePullSecrets: `{"auths": …}`. */
  readonly dockerConfigs: readonly string[];
  /** Names of secrets that are not there, or hold no configuration. */
  readonly missing: readonly string[];
};

/** What the pod's imagePullSecrets hold, of both kinds that Kubernetes knows. */
export function pullConfigs(pod: Pod, references: Pick<References, 'secret'>): PullConfigs {
  const namespace = pod.metadata.namespace ?? 'default';
  const dockerConfigs: string[] = [];
  const missing: string[] = [];
  for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
    const secret = references.secret(namespace, name);
    const text = secret === undefined ? null : configOf(secret);
    if (text === null) missing.push(name);
    else dockerConfigs.push(text);
  }
  return { dockerConfigs, missing };
}

function configOf(secret: Secret): string | null {
  const whole = secretBytes(secret, '.dockerconfigjson');
  if (whole !== undefined) return Buffer.from(whole).toString('utf8');
  // The older form is the map that the newer one has as its `auths`.
  const auths = secretBytes(secret, '.dockercfg');
  return auths === undefined ? null : `{"auths":${Buffer.from(auths).toString('utf8')}}`;
}
