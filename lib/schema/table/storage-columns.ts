import type { JsonObject } from '../../base/json.ts';
import { NONE, orElse, UNSET } from './cell-text.ts';
import { AGE, type Column, type ColumnsByKind, integer, NAME, text, wide } from './column.ts';
import { countAt, itemsAt, memberAt, textAt, textsAt } from './member-at.ts';

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** In the order kubectl prints them, each once. */
function accessModes(modes: readonly string[]): string {
  return Object.keys(SHORT_MODES)
    .filter((mode) => modes.includes(mode))
    .map((mode) => SHORT_MODES[mode])
    .join(',');
}

function phase(object: JsonObject): string {
  if (memberAt(object, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  return textAt(object, 'status', 'phase');
}

/** A claim has a size and modes once it is bound. */
const ifBound = (claim: JsonObject, value: string): string =>
  textAt(claim, 'spec', 'volumeName') === '' ? '' : value;

function claimOf(volume: JsonObject): string {
  const claim = memberAt(volume, 'spec', 'claimRef');
  return claim === undefined ? '' : `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}`;
}

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

function storageClass(object: JsonObject): string {
  return textAt(object, 'metadata', 'annotations', BETA_CLASS) || textAt(object, 'spec', 'storageClassName');
}

const attributesClass = text('VolumeAttributesClass', orElse(UNSET, 'spec', 'volumeAttributesClassName'));
const volumeMode = wide(text('VolumeMode', orElse(UNSET, 'spec', 'volumeMode')));

/** A boolean, with what its absence means. */
function flag(name: string, absent: boolean, ...path: readonly string[]): Column {
  return { name, type: 'boolean', priority: 0, cell: (object) => memberAt(object, ...path) ?? absent };
}

function isDefault(object: JsonObject): boolean {
  return [
    'storageclass.kubernetes.io/is-default-class',
    'storageclass.beta.kubernetes.io/is-default-class',
  ].some((key) => textAt(object, 'metadata', 'annotations', key) === 'true');
}

export const storageColumns: ColumnsByKind = {
  '/PersistentVolume': [
    NAME,
    text('Capacity', (object) => textAt(object, 'spec', 'capacity', 'storage')),
    text('Access Modes', (object) => accessModes(textsAt(object, 'spec', 'accessModes'))),
    text('Reclaim Policy', (object) => textAt(object, 'spec', 'persistentVolumeReclaimPolicy')),
    text('Status', phase),
    text('Claim', claimOf),
    text('StorageClass', storageClass),
    attributesClass,
    text('Reason', (object) => textAt(object, 'status', 'reason')),
    AGE,
    volumeMode,
  ],
  '/PersistentVolumeClaim': [
    NAME,
    text('Status', phase),
    text('Volume', (object) => textAt(object, 'spec', 'volumeName')),
    text('Capacity', (object) => ifBound(object, textAt(object, 'status', 'capacity', 'storage'))),
    text('Access Modes', (object) => ifBound(object, accessModes(textsAt(object, 'status', 'accessModes')))),
    text('StorageClass', storageClass),
    attributesClass,
    AGE,
    volumeMode,
  ],
  'storage.k8s.io/StorageClass': [
    {
      ...NAME,
      cell: (object) => `${textAt(object, 'metadata', 'name')}${isDefault(object) ? ' (default)' : ''}`,
    },
    text('Provisioner', (object) => textAt(object, 'provisioner')),
    text('ReclaimPolicy', orElse('Delete', 'reclaimPolicy')),
    text('VolumeBindingMode', orElse('Immediate', 'volumeBindingMode')),
    flag('AllowVolumeExpansion', false, 'allowVolumeExpansion'),
    AGE,
  ],
  'storage.k8s.io/VolumeAttachment': [
    NAME,
    text('Attacher', (object) => textAt(object, 'spec', 'attacher')),
    text('PV', (object) => textAt(object, 'spec', 'source', 'persistentVolumeName')),
    text('Node', (object) => textAt(object, 'spec', 'nodeName')),
    flag('Attached', false, 'status', 'attached'),
    AGE,
  ],
  'storage.k8s.io/VolumeAttributesClass': [
    NAME,
    text('DriverName', (object) => textAt(object, 'driverName')),
    AGE,
  ],
  'storage.k8s.io/CSIDriver': [
    NAME,
    flag('AttachRequired', true, 'spec', 'attachRequired'),
    flag('PodInfoOnMount', false, 'spec', 'podInfoOnMount'),
    flag('StorageCapacity', false, 'spec', 'storageCapacity'),
    text('TokenRequests', (object) => {
      const audiences = itemsAt(object, 'spec', 'tokenRequests').map((row) => textAt(row, 'audience'));
      return audiences.length === 0 ? UNSET : audiences.join(',');
    }),
    flag('RequiresRepublish', false, 'spec', 'requiresRepublish'),
    text('Modes', (object) => textsAt(object, 'spec', 'volumeLifecycleModes').join(',') || NONE),
    AGE,
  ],
  'storage.k8s.io/CSINode': [NAME, integer('Drivers', (object) => countAt(object, 'spec', 'drivers')), AGE],
  'storage.k8s.io/CSIStorageCapacity': [
    NAME,
    text('StorageClassName', (object) => textAt(object, 'storageClassName')),
    text('Capacity', orElse(UNSET, 'capacity')),
    AGE,
  ],
};
