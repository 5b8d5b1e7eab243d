import { CLAIM_PROTECTION, DEFAULT_CLASS_ANNOTATION, VOLUME_PROTECTION } from '../../schema/local-volume.ts';
import type { KubeObject } from '../../schema/object.ts';
import { compareQuantities, type Quantity, quantityOf } from '../../schema/quantity.ts';
import type { Kind } from '../../schema/schema.ts';
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
  if (kind.group !== '') return object;
  if (previous !== undefined) {
    if (kind.kind === 'PersistentVolumeClaim') refuseGrowth(context, { kind, object, previous });
    return object;
  }
  if (kind.kind === 'PersistentVolume') {
    refuseHostFiles(context, { kind, object });
    return held(object, VOLUME_PROTECTION);
  }
  if (kind.kind !== 'PersistentVolumeClaim') return object;
  return held(withClass(context, object), CLAIM_PROTECTION);
}

/** A claim asks for more only where its class lets volumes grow. Source: PersistentVolumeClaimResize admission. */
function refuseGrowth(
  { schema, staging }: WriteContext,
  {
    kind,
    object,
    previous,
  }: { readonly kind: Kind; readonly object: KubeObject; readonly previous: KubeObject },
): void {
  const sizeOf = (claim: PersistentVolumeClaim): Quantity | null =>
    quantityOf(claim.spec?.resources?.requests?.storage);
  const claim = object as PersistentVolumeClaim;
  const [before, after] = [sizeOf(previous as PersistentVolumeClaim), sizeOf(claim)];
  if (before === null || after === null || compareQuantities(after, before) <= 0) return;
  const classes = schema.kind(CLASS);
  const name = claim.spec?.storageClassName ?? '';
  const found = classes && (staging.get(classes, { namespace: '', name }) as StorageClass | undefined);
  if (found?.allowVolumeExpansion === true) return;
  throw forbidden(
    kind,
    object.metadata.name,
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
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
