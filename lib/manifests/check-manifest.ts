import type { JsonObject } from '../base/json.ts';
import { checkObject } from '../schema/check-object.ts';
import type { Finding } from '../schema/finding.ts';
import { identify } from '../schema/identify.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../schema/object.ts';
import { checkPodSecurity } from '../schema/pod-security.ts';
import { podSpecOf } from '../schema/pod-template.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { checkVolumeSecurity } from '../schema/volume-security.ts';
import { textAt } from './field-pattern.ts';
import type { ManifestRule } from './manifest-rules.ts';

export type CheckOptions = {
  readonly schema: Schema;
  /** For objects of namespaced kinds that name none. */
  readonly defaultNamespace: string;
  /** Pods may reach into the host (design, decision 15). */
  readonly allowHostAccess: boolean;
};

/** One object as read: what it is and what is wrong with it. Paths are relative to the object. */
export type CheckedManifest = {
  /** What it is, or was probably meant to be; null when it has no name, or is of no kind one could guess. */
  readonly ref: ObjectRef | null;
  /** In the stored version, namespace filled in; null when its kind is unknown. */
  readonly object: KubeObject | null;
  readonly writtenApiVersion: string;
  readonly findings: readonly Finding[];
  /** Its kind is not in the schema, or comes from a live CRD: a CRD of the same tree may declare it, or declare it anew. */
  readonly custom: boolean;
};

/** Converts, completes and checks one written object. Never throws, whatever it holds. */
export function checkManifest(written: JsonObject, options: CheckOptions): CheckedManifest {
  const { schema } = options;
  const writtenApiVersion = textAt(written, 'apiVersion') ?? '';
  const { object: stored, findings } = checkObject(schema, written);
  const kind = stored === null ? undefined : schema.kindOf(stored.apiVersion, stored.kind);
  if (stored === null || kind === undefined) return unknownObject(written, options, findings);
  const object = placed(stored, kind, options.defaultNamespace);
  const found = [...findings, ...ownFindings(object, kind)];
  // Pod security reads the pod as one that has its shape.
  const sound = found.every(({ severity }) => severity !== 'error');
  if (sound && !options.allowHostAccess) found.push(...hostAccess(object));
  const custom = kind.custom !== undefined;
  return { ref: refIn(object, kind), object, writtenApiVersion, findings: found, custom };
}

function refIn(object: KubeObject, kind: Kind): ObjectRef | null {
  const name = textAt(object, 'metadata', 'name');
  if (name === undefined) return null;
  const namespace = kind.namespaced ? (textAt(object, 'metadata', 'namespace') ?? '') : '';
  return { group: kind.group, kind: kind.kind, namespace, name };
}

/** Fills in the namespace of a namespaced kind; takes it from others (a finding has told). */
function placed(object: KubeObject, kind: Kind, defaultNamespace: string): KubeObject {
  const { namespace, ...rest } = object.metadata;
  const missing = namespace === undefined || namespace === null || namespace === '';
  if (kind.namespaced)
    return missing ? { ...object, metadata: { ...rest, namespace: defaultNamespace } } : object;
  return namespace === undefined ? object : { ...object, metadata: rest };
}

/** What only manifests must obey. */
function ownFindings(object: KubeObject, kind: Kind): readonly Finding[] {
  const findings: Finding[] = [];
  if (kind.internal) {
    findings.push(
      error('unknown-kind', ['kind'], `${kind.kind} is kept by Pintle itself and cannot be written.`),
    );
  }
  const named = textAt(object, 'metadata', 'name') !== undefined;
  if (!named && textAt(object, 'metadata', 'generateName') !== undefined) {
    const message =
      'metadata.generateName makes another object at every apply: in git an object needs a name.';
    findings.push(error('missing-field', ['metadata', 'generateName'], message, 'name'));
  }
  return findings;
}

function hostAccess(object: KubeObject): readonly Finding[] {
  const pod = podSpecOf(object);
  return pod === null ? checkVolumeSecurity(object) : checkPodSecurity(pod.spec, pod.path, pod.metadata);
}

function unknownObject(
  written: JsonObject,
  options: CheckOptions,
  findings: readonly Finding[],
): CheckedManifest {
  const apiVersion = textAt(written, 'apiVersion');
  const kindName = textAt(written, 'kind');
  const writtenApiVersion = apiVersion ?? '';
  const identity = identify(options.schema, written);
  const guess = identity.kind === undefined ? identity.guess : undefined;
  const guessed = guess === undefined ? undefined : options.schema.kindOf(guess.apiVersion, guess.kind);
  const name = textAt(written, 'metadata', 'name');
  const custom = apiVersion !== undefined && kindName !== undefined && name !== undefined;
  if (name === undefined) return { ref: null, object: null, writtenApiVersion, findings, custom };
  const namespace = textAt(written, 'metadata', 'namespace') ?? options.defaultNamespace;
  if (guessed !== undefined) {
    const { group, kind } = guessed;
    const ref = { group, kind, namespace: guessed.namespaced ? namespace : '', name };
    return { ref, object: null, writtenApiVersion, findings, custom };
  }
  if (kindName === undefined) return { ref: null, object: null, writtenApiVersion, findings, custom };
  const ref = { group: groupOf(writtenApiVersion), kind: kindName, namespace, name };
  return { ref, object: null, writtenApiVersion, findings, custom };
}

function error(ruleId: ManifestRule, path: Finding['path'], message: string, suggestion?: string): Finding {
  return { ruleId, severity: 'error', path, message, suggestion };
}
