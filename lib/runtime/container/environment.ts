import { expandVariables } from '../../schema/env-expansion.ts';
import type { Container, EnvFromSource, EnvVar, Pod } from '../../schema/types.gen.ts';
import {
  configMapBytes,
  configMapKeys,
  type References,
  type Resolved,
  resolved,
  secretBytes,
  secretKeys,
  unresolved,
} from '../references.ts';
import { type DownwardFacts, fieldValue, resourceValue } from './field-value.ts';
import { portVariables } from './port-variables.ts';
import { serviceVariables, type Variable } from './service-variables.ts';

export type EnvironmentInput = {
  readonly pod: Pod;
  readonly container: Container;
  /** Where the pod's container ports listen. */
  readonly ports: ReadonlyMap<number, number>;
  readonly facts: DownwardFacts;
  readonly references: References;
};

/**
 * The environment of one container, as it is now: variables of Services, PORT, envFrom in order, then env, later ones
 * winning. `$(NAME)` in a value sees what stands before it. A missing reference that is not optional leaves no environment,
 * only a message that names it. Source: kubelet makeEnvironmentVariables.
 */
export function environmentOf(input: EnvironmentInput): Resolved<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  for (const { name, value } of givenVariables(input)) variables.set(name, value);
  for (const source of input.container.envFrom ?? []) {
    const from = variablesFrom(source, input);
    if (!from.ok) return from;
    for (const { name, value } of from.value) variables.set(name, value);
  }
  for (const entry of input.container.env ?? []) {
    const value = entryValue(entry, input, variables);
    if (!value.ok) return value;
    if (value.value !== null) variables.set(entry.name, value.value);
  }
  for (const [name, value] of variables) {
    if (value.includes('\0')) return unresolved(`The variable ${name} holds a NUL byte.`);
  }
  return resolved(variables);
}

/** What nobody wrote: Services of the namespace (unless enableServiceLinks is false), the API's own Service, ports. */
function givenVariables({ pod, container, ports, references }: EnvironmentInput): readonly Variable[] {
  const namespace = pod.metadata.namespace ?? 'default';
  const own = pod.spec.enableServiceLinks === false ? [] : references.services(namespace);
  const master = references.services('default').filter(({ metadata }) => metadata.name === 'kubernetes');
  const others = own.filter(({ metadata }) => metadata.name !== 'kubernetes' || master.length === 0);
  return [...serviceVariables([...others, ...master]), ...portVariables(container, ports)];
}

/** A name a process can have: not empty, printable, without `=`. Others are left out, as in Kubernetes. */
function isVariableName(name: string): boolean {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(name);
}

function variablesFrom(source: EnvFromSource, input: EnvironmentInput): Resolved<readonly Variable[]> {
  const { configMapRef, secretRef, prefix = '' } = source;
  const namespace = input.pod.metadata.namespace ?? 'default';
  if (configMapRef !== undefined) {
    const name = configMapRef.name ?? '';
    const configMap = input.references.configMap(namespace, name);
    if (configMap === undefined) {
      return configMapRef.optional === true ? resolved([]) : unresolved(`configmap "${name}" not found`);
    }
    return resolved(prefixed(prefix, configMapKeys(configMap), (key) => configMapBytes(configMap, key)));
  }
  if (secretRef !== undefined) {
    const name = secretRef.name ?? '';
    const secret = input.references.secret(namespace, name);
    if (secret === undefined) {
      return secretRef.optional === true ? resolved([]) : unresolved(`secret "${name}" not found`);
    }
    return resolved(prefixed(prefix, secretKeys(secret), (key) => secretBytes(secret, key)));
  }
  return resolved([]);
}

function prefixed(
  prefix: string,
  keys: readonly string[],
  bytesOf: (key: string) => Uint8Array | undefined,
): readonly Variable[] {
  return keys.flatMap((key): readonly Variable[] => {
    const name = `${prefix}${key}`;
    const bytes = bytesOf(key);
    return bytes === undefined || !isVariableName(name) ? [] : [{ name, value: textOf(bytes) }];
  });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** The value of one entry of env; null: it is optional and not there, so there is no such variable. */
function entryValue(
  { name, value, valueFrom }: EnvVar,
  input: EnvironmentInput,
  before: ReadonlyMap<string, string>,
): Resolved<string | null> {
  if (valueFrom === undefined) return resolved(expandVariables(value ?? '', before));
  const { pod, container, facts } = input;
  const namespace = pod.metadata.namespace ?? 'default';
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) return fieldValue(pod, fieldRef.fieldPath, facts);
  if (resourceFieldRef !== undefined) {
    const of = resourceFieldRef.containerName;
    const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    const target = of === undefined || of === '' ? container : all.find((one) => one.name === of);
    if (target === undefined) return unresolved(`The pod has no container ${JSON.stringify(of)}.`);
    return resourceValue(target, resourceFieldRef, facts);
  }
  if (configMapKeyRef !== undefined) {
    const configMap = input.references.configMap(namespace, configMapKeyRef.name ?? '');
    const bytes = configMap === undefined ? undefined : configMapBytes(configMap, configMapKeyRef.key);
    return keyed(bytes, { kind: 'configmap', namespace, found: configMap !== undefined, ...configMapKeyRef });
  }
  if (secretKeyRef !== undefined) {
    const secret = input.references.secret(namespace, secretKeyRef.name ?? '');
    const bytes = secret === undefined ? undefined : secretBytes(secret, secretKeyRef.key);
    return keyed(bytes, { kind: 'secret', namespace, found: secret !== undefined, ...secretKeyRef });
  }
  return unresolved(
    `The source of the variable ${name} is not supported here: ${Object.keys(valueFrom).join(', ')}.`,
  );
}

function keyed(
  bytes: Uint8Array | undefined,
  of: {
    readonly kind: string;
    readonly namespace: string;
    readonly found: boolean;
    readonly name?: string | undefined;
    readonly key: string;
    readonly optional?: boolean | undefined;
  },
): Resolved<string | null> {
  if (bytes !== undefined) return resolved(textOf(bytes));
  if (of.optional === true) return resolved(null);
  if (!of.found) return unresolved(`${of.kind} "${of.name ?? ''}" not found`);
  const word = of.kind === 'secret' ? 'Secret' : 'ConfigMap';
  return unresolved(`couldn't find key ${of.key} in ${word} ${of.namespace}/${of.name ?? ''}`);
}
