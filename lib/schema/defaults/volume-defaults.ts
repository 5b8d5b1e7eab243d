import type { Draft } from '../draft.ts';
import type { DownwardAPIVolumeFile, Volume } from '../types.gen.ts';
import { pullPolicyOf } from './container-defaults.ts';

/** rw-r--r-- */
const FILE_MODE = 0o644;
const TOKEN_LIFE_SECONDS = 3600;

/** Source: core/v1 defaults.go SetDefaults_Volume and those of each source. */
export function defaultVolume(volume: Draft<Volume>): void {
  // A volume of no source is an empty directory.
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
  if (volume.secret !== undefined) volume.secret.defaultMode ??= FILE_MODE;
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= FILE_MODE;
  if (volume.hostPath !== undefined) volume.hostPath.type ??= '';
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= FILE_MODE;
    volume.downwardAPI.items?.forEach(defaultFieldRef);
  }
  if (volume.image !== undefined) volume.image.pullPolicy ??= pullPolicyOf(volume.image.reference ?? '');
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim !== undefined) claim.volumeMode ??= 'Filesystem';
  if (volume.projected === undefined) return;
  volume.projected.defaultMode ??= FILE_MODE;
  for (const source of volume.projected.sources ?? []) {
    if (source.serviceAccountToken !== undefined)
      source.serviceAccountToken.expirationSeconds ??= TOKEN_LIFE_SECONDS;
    source.downwardAPI?.items?.forEach(defaultFieldRef);
  }
}

function defaultFieldRef(file: Draft<DownwardAPIVolumeFile>): void {
  if (file.fieldRef !== undefined) file.fieldRef.apiVersion ??= 'v1';
}
