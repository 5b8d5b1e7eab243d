import { CLAIM_PROTECTION, DEFAULT_CLASS_ANNOTATION, VOLUME_PROTECTION } from '../../schema/local-volume.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../schema/types.gen.ts';
import { checkVolumeSecurity } from '../../schema/volume-security.ts';
import { forbidden } from '../api-failures.ts';
import { causeOfFinding } from '../cause-of-finding.ts';
import type { Admission, WriteContext } from '../write-context.ts';

const CLASS = { group: 'storage.k8s.io', kind: 'StorageClass' } as const;

/**
 * A new claim that names no class gets the default one, of several the newest; '' asks for none. New claims and volumes are held until
 * nobody uses them. Source: DefaultStorageClass and StorageObjectInUseProtection admission. What a volume is cannot change, so that whether it
 * reaches into the host is judged once.
 */
export function admitStorage(context: WriteContext, { kind, object, previous }: Admission): KubeObject {
  if (kind.group !== '' || previous !== undefined) return object;
  if (kind.kind === 'PersistentVolume') {
    refuseHostFiles(context, { kind, object });
    return held(object, VOLUME_PROTECTION);
  }
  if (kind.kind !== 'PersistentVolumeClaim') return object;
  return held(withClass(context, object), CLAIM_PROTECTION);
}

function refuseHostFiles(context: WriteContext, { kind, object }: Pick<Admission, 'kind' | 'object'>): void {
  const findings = context.settings.allowHostAccess ? [] : checkVolumeSecurity(object);
  if (findings.length === 0) return;
  const { schema } = context;
  const text = findings.map(({ message }) => message).join(' ');
  const causes = findings.map((finding) => causeOfFinding(finding, { schema, kind, object }));
  throw forbidden(kind, object.metadata.name, text, causes);
}

function withClass(context: WriteContext, object: KubeObject): KubeObject {
  const { spec } = object as PersistentVolumeClaim;
  const storageClassName =
    spec === undefined || spec.storageClassName !== undefined ? undefined : defaultClass(context);
  return storageClassName === undefined
    ? object
    : ({ ...object, spec: { ...spec, storageClassName } } as KubeObject);
}

function held(object: KubeObject, finalizer: string): KubeObject {
  const { finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } };
}

function defaultClass({ schema, staging }: WriteContext): string | undefined {
  const kind = schema.kind(CLASS);
  const all = kind === undefined ? [] : (staging.inNamespace(kind, '') as readonly StorageClass[]);
  const [newest] = all
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true')
    .sort((a, b) => newerFirst(a, b));
  return newest?.metadata.name;
}

function newerFirst({ metadata: a }: StorageClass, { metadata: b }: StorageClass): number {
  const order = (b.creationTimestamp ?? '').localeCompare(a.creationTimestamp ?? '');
  return order !== 0 ? order : a.name.localeCompare(b.name);
}
