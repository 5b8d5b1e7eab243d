import type {
  ConfigMap,
  PersistentVolume,
  PersistentVolumeClaim,
  Secret,
  Service,
  ServiceAccount,
} from '../schema/types.gen.ts';

/** The objects a pod's configuration may refer to, as they are now: reads of an informer's cache. */
export type References = {
  configMap(namespace: string, name: string): ConfigMap | undefined;
  secret(namespace: string, name: string): Secret | undefined;
  services(namespace: string): readonly Service[];
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  /** Only where tokens are issued. */
  serviceAccount?(namespace: string, name: string): ServiceAccount | undefined;
};

/** A value, or why there is none: the message stands in the pod's status. */
export type Resolved<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

export function resolved<T>(value: T): Resolved<T> {
  return { ok: true, value };
}

export function unresolved(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

/** The bytes under a key of a ConfigMap (data or binaryData); undefined when it is not there. */
export function configMapBytes(configMap: ConfigMap, key: string): Uint8Array | undefined {
  const { data = {}, binaryData = {} } = configMap;
  const text = Object.hasOwn(data, key) ? data[key] : undefined;
  if (text !== undefined) return Buffer.from(text, 'utf8');
  const encoded = Object.hasOwn(binaryData, key) ? binaryData[key] : undefined;
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}

/** The bytes under a key of a Secret; undefined when it is not there. */
export function secretBytes(secret: Secret, key: string): Uint8Array | undefined {
  const encoded = secret.data !== undefined && Object.hasOwn(secret.data, key) ? secret.data[key] : undefined;
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}

export function configMapKeys(configMap: ConfigMap): readonly string[] {
  return [...Object.keys(configMap.data ?? {}), ...Object.keys(configMap.binaryData ?? {})].sort();
}

export function secretKeys(secret: Secret): readonly string[] {
  return Object.keys(secret.data ?? {}).sort();
}
