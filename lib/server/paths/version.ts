import type { JsonObject } from '../../base/json.ts';
import { gitVersion, kubernetesVersion } from '../../schema/kubernetes-version.ts';

/** `/version`. Clients compare the minor with their own. */
export function versionInfo(): JsonObject {
  const [major = '', minor = ''] = kubernetesVersion.slice(1).split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
