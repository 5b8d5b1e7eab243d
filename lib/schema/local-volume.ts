/** Our provisioner: a directory of this machine for each volume. The CSI driver's name in the volumes it makes. */
export const LOCAL_PROVISIONER = 'local.pintle.dev';

/** The class that claims without one get. It keeps what it held: its data goes when somebody deletes it, never with a claim. */
export const DEFAULT_STORAGE_CLASS = 'local';

export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';

/** Source: storage.k8s.io annotation of the default class. */
export const DEFAULT_CLASS_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On a claim that waited for its first pod: the node that pod goes to. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

const HANDLE = /^pvc-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether the text names a volume's directory, and can be nothing else than one name in a path. */
export function isVolumeHandle(text: string): boolean {
  return HANDLE.test(text);
}
