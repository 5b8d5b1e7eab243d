import type { Finding } from './finding.ts';
import { FindingList } from './finding-list.ts';
import type { KubeObject } from './object.ts';
import type { PersistentVolume } from './types.gen.ts';

/** What of a PersistentVolume reaches into the host, as a pod's hostPath would: a claim must not be a way around `baseline`. */
export function checkVolumeSecurity(object: KubeObject): readonly Finding[] {
  const list = new FindingList();
  if (object.apiVersion !== 'v1' || object.kind !== 'PersistentVolume') return list.findings();
  const spec = object.spec as PersistentVolume['spec'] | undefined;
  for (const source of ['hostPath', 'local'] as const)
    if (spec?.[source] !== undefined)
      list.add(
        'error',
        'needs-host-access',
        ['spec', source],
        "opens the host's files to pods; the machine's owner can allow it with --allow-host-access",
      );
  return list.findings();
}
