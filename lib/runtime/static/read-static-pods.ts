import { createHash } from 'node:crypto';
import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import { canonicalJson } from '../../base/json.ts';
import type { ManifestObject } from '../../manifests/manifest-set.ts';
import { readManifests } from '../../manifests/read-manifests.ts';
import { referencesOf } from '../../manifests/references.ts';
import { applyDefaults } from '../../schema/defaults.ts';
import type { FieldPath } from '../../schema/finding.ts';
import { staticAnnotations } from '../../schema/mirror-pod.ts';
import { type KubeObject, refText } from '../../schema/object.ts';
import { podQos } from '../../schema/qos.ts';
import type { Schema } from '../../schema/schema.ts';
import type { Pod } from '../../schema/types.gen.ts';

/** One file of the directory. `bytes` null: not read, `why` says why. */
export type StaticFile = { readonly name: string; readonly bytes: Uint8Array | null; readonly why?: string };
export type StaticProblem = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly ruleId: string;
  readonly message: string;
};
/** A pod as the node runs it: named, bound, with a uid that is what the file says of it. */
export type StaticPod = { readonly file: string; readonly pod: Pod };
export type StaticReading = {
  readonly pods: readonly StaticPod[];
  readonly problems: readonly StaticProblem[];
  /** Files with a problem: what was read of them before stays. */
  readonly broken: ReadonlySet<string>;
};

/**
 * Reads the pods of a directory. They run without the API's say, so they can refer to nothing that is kept there; a file that does is
 * refused, and so is one that holds anything but pods. Host access is not asked about: the files are the machine's owner's.
 */
export function readStaticPods(
  files: readonly StaticFile[],
  of: { readonly schema: Schema; readonly nodeName: string; readonly now: EpochMs },
): StaticReading {
  const problems: StaticProblem[] = files.flatMap(({ name, bytes, why }) =>
    bytes === null
      ? [problemAt(name, { line: 1, column: 1 }, 'unreadable-file', why ?? 'It cannot be read.')]
      : [],
  );
  const sources = files.flatMap(({ name, bytes }) =>
    bytes === null ? [] : [{ path: name, bytes, blob: createHash('sha256').update(bytes).digest('hex') }],
  );
  const set = readManifests(sources, {
    schema: of.schema,
    defaultNamespace: 'default',
    allowHostAccess: true,
  });
  for (const { file, position, ruleId, message, severity } of set.problems)
    if (severity === 'error' || ruleId === 'not-a-manifest')
      problems.push(problemAt(file, position, ruleId, message));
  const sound: ManifestObject[] = [];
  for (const manifest of set.objects) {
    const wrong = refused(manifest);
    if (wrong === null) sound.push(manifest);
    else problems.push(problemAt(manifest.path, manifest.locate(wrong.path), 'not-static', wrong.message));
  }
  const broken = new Set(problems.map(({ file }) => file));
  return {
    // Half a file is not what anybody meant.
    pods: sound.filter(({ path }) => !broken.has(path)).map((manifest) => staticPod(manifest, of)),
    problems,
    broken,
  };
}

/** Priority classes that are no objects somebody could lack. */
const SYSTEM_CLASSES: ReadonlySet<string> = new Set(['system-node-critical', 'system-cluster-critical']);

/** What keeps an object from being a static pod. Source: kubelet, static pods cannot refer to other API objects. */
function refused({
  object,
  ref,
}: ManifestObject): { readonly path: FieldPath; readonly message: string } | null {
  if (ref.group !== '' || ref.kind !== 'Pod')
    return { path: ['kind'], message: `Only pods are static; this is a ${ref.kind}.` };
  for (const reference of referencesOf(object)) {
    if (reference.kind !== 'object' || reference.use === 'namespace') continue;
    if (reference.to.kind === 'PriorityClass' && SYSTEM_CLASSES.has(reference.to.name)) continue;
    return {
      path: reference.path,
      message: `A static pod refers to no other object, and this names ${refText(reference.to)}.`,
    };
  }
  const { spec } = object as KubeObject & Pod;
  for (const [at, volume] of (spec.volumes ?? []).entries()) {
    const path = ['spec', 'volumes', at];
    const asks =
      volume.projected?.sources?.some((source) => source?.serviceAccountToken !== undefined) === true;
    if (asks || volume.ephemeral !== undefined)
      return { path, message: 'A static pod has neither tokens nor claims of its own.' };
  }
  if ((spec.ephemeralContainers ?? []).length > 0)
    return {
      path: ['spec', 'ephemeralContainers'],
      message: 'A static pod begins without ephemeral containers.',
    };
  return null;
}

function staticPod(
  { object, path: file }: ManifestObject,
  { schema, nodeName, now }: { readonly schema: Schema; readonly nodeName: string; readonly now: EpochMs },
): StaticPod {
  const uid = uidOf(canonicalJson({ nodeName, file, object }));
  const { metadata } = object;
  const written = applyDefaults(schema, object) as KubeObject & Pod;
  const { spec } = written;
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${metadata.name}-${nodeName}`,
      namespace: metadata.namespace ?? 'default',
      uid,
      creationTimestamp: toRfc3339(now),
      ...(metadata.labels !== undefined && { labels: metadata.labels }),
      annotations: {
        ...metadata.annotations,
        [staticAnnotations.hash]: uid,
        [staticAnnotations.source]: 'file',
        [staticAnnotations.seen]: toRfc3339(now),
        [staticAnnotations.file]: file,
      },
    },
    spec: {
      ...spec,
      nodeName,
      // A node that is lost still runs them.
      tolerations: [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  };
  return { file, pod: { ...pod, status: { phase: 'Pending', qosClass: podQos(pod) } } };
}

/** In the form of other uids: names of directories are made of it. */
function uidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

function problemAt(
  file: string,
  { line, column }: { readonly line: number; readonly column: number },
  ruleId: string,
  message: string,
): StaticProblem {
  return { file, line, column, ruleId, message };
}

/** `web.yaml:3:1 unknown-field: …`. */
export function staticProblemText({ file, line, column, ruleId, message }: StaticProblem): string {
  return `${file}:${line}:${column} ${ruleId}: ${message}`;
}
