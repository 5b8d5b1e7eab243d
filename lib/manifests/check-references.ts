import { isObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { FieldPath, Finding, Severity } from '../schema/finding.ts';
import { nearestName } from '../schema/nearest-name.ts';
import { groupOf, type KubeObject, type ObjectRef, refKey, refText } from '../schema/object.ts';
import { makesPods } from '../schema/pod-template.ts';
import type { Schema } from '../schema/schema.ts';
import { compareProblems } from './compare-problems.ts';
import { fieldPattern, matchesOf, textAt, valueAt } from './field-pattern.ts';
import type { ManifestRule } from './manifest-rules.ts';
import type { ManifestObject, ManifestSet, Problem } from './manifest-set.ts';
import { orderFindings } from './order-findings.ts';
import { PodIndex } from './pod-index.ts';
import { type PodShape, podShapeOf } from './pod-shape.ts';
import { unknownProbePorts } from './probe-ports.ts';
import { type ReferenceMode, referenceSeverity } from './reference-severity.ts';
import { type ObjectReference, referencesOf, type SelectorReference } from './references.ts';
import { isWellKnown } from './well-known.ts';

export type ReferenceOptions = {
  readonly mode: ReferenceMode;
  /** Objects that are known to be there although the tree does not hold them (what is live, say). */
  readonly exists?: (ref: ObjectRef) => boolean;
  /** Problems to tell; one more says how many were left out. All of them unless given. */
  readonly problemsMax?: number;
};

/**
 * What of a tree's references leads nowhere: objects, keys of ConfigMaps and Secrets, ports, selectors that match no pods.
 * Sorted by place. Classes are not looked for: clusters bring their own.
 */
export function checkReferences(
  set: ManifestSet,
  schema: Schema,
  options: ReferenceOptions,
): readonly Problem[] {
  const steps = checkReferencesInSteps(set, schema, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same, able to pause after every object: a large tree takes longer than a busy process may stand still. */
export function* checkReferencesInSteps(
  set: ManifestSet,
  schema: Schema,
  options: ReferenceOptions,
): Generator<void, readonly Problem[]> {
  const checker = new Checker(set, schema, options);
  for (const object of set.objects) yield checker.know(object);
  for (const object of set.objects) yield checker.check(object);
  checker.checkOrder(set.objects);
  return checker.result();
}

class Checker {
  readonly #schema: Schema;
  readonly #problems: Problem[] = [];
  readonly #problemsMax: number;
  #unsaid: { count: number; readonly first: ManifestObject } | null = null;
  readonly #byKey = new Map<string, ManifestObject>();
  readonly #rejected: ReadonlySet<string>;
  readonly #pods = new PodIndex<PodShape>();
  readonly #withCustomResources = new Set<string>();
  readonly #missingNamespaces = new Set<string>();
  readonly #options: ReferenceOptions;
  readonly #complete: boolean;
  /** Names by kind and namespace, for hints. */
  readonly #names = new Map<string, string[]>();
  #hintsLeft: number = limits.referenceHintsMax;
  readonly #rejectedPods: ReadonlySet<string>;

  constructor(set: ManifestSet, schema: Schema, options: ReferenceOptions) {
    this.#schema = schema;
    this.#options = options;
    this.#problemsMax = options.problemsMax ?? Number.POSITIVE_INFINITY;
    this.#complete = set.unparsedFiles.length === 0;
    this.#rejected = new Set(set.rejected.map(({ ref }) => refKey(ref)));
    // Pods that hold errors are not read, so nobody knows their labels: their namespace's selectors are not judged.
    const perhapsPods = set.rejected.filter(({ ref }) => makesPods(ref) || schema.kind(ref) === undefined);
    this.#rejectedPods = new Set(perhapsPods.map(({ ref }) => ref.namespace));
  }

  /** Takes note of an object that others may name; all of them come before the first is checked. */
  know(manifest: ManifestObject): void {
    const { ref, object } = manifest;
    this.#byKey.set(refKey(ref), manifest);
    const names = this.#names.get(siblingsKey(ref));
    if (names === undefined) this.#names.set(siblingsKey(ref), [ref.name]);
    else names.push(ref.name);
    const pods = podShapeOf(object);
    if (pods !== null) this.#pods.add(ref.namespace, pods.labels, pods);
    if (this.#schema.kind(ref) === undefined) this.#withCustomResources.add(ref.namespace);
  }

  check(manifest: ManifestObject): void {
    for (const reference of referencesOf(manifest.object)) {
      if (reference.kind === 'selector') this.#checkSelector(manifest, reference);
      else if (reference.use !== 'class' && !reference.optional) this.#checkManifest(manifest, reference);
    }
    this.#checkProbePorts(manifest);
  }

  /** What the annotations ask for that say what comes first. */
  checkOrder(objects: readonly ManifestObject[]): void {
    for (const finding of orderFindings(objects, this.#schema)) {
      const { ruleId, at, path } = finding;
      if (ruleId === 'missing-reference') this.#reportMissing(at, path, finding.missing);
      else {
        const severity = this.#options.mode === 'apply' ? 'warning' : 'error';
        this.#report(at, path, { ruleId, severity, message: finding.message });
      }
    }
  }

  /** Nothing outside of the object could mend it: an error, but beside an apply. */
  #checkProbePorts(from: ManifestObject): void {
    const pods = podShapeOf(from.object);
    if (pods === null) return;
    const severity = this.#options.mode === 'apply' ? 'warning' : 'error';
    for (const { path, name, container, known } of unknownProbePorts(pods.spec, pods.specPath)) {
      const near = this.#hint(name, known);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      const message = `Container ${container} has no port named ${name}.${hint}`;
      this.#report(from, path, { ruleId: 'missing-port', severity, message, suggestion: near });
    }
  }

  #severity(namespace: string): Severity {
    const declared = { group: '', kind: 'Namespace', namespace: '', name: namespace };
    return referenceSeverity({
      mode: this.#options.mode,
      namespaceDeclared: this.#byKey.has(refKey(declared)),
      namespaceHasCustomResources: this.#withCustomResources.has(namespace),
      treeComplete: this.#complete,
    });
  }

  #report(
    at: ManifestObject,
    path: FieldPath,
    finding: Omit<Finding, 'path' | 'ruleId'> & { ruleId: ManifestRule; missing?: ObjectRef },
  ): void {
    // Finding the place reads the file once more: what is not told is not looked for.
    if (this.#problems.length >= this.#problemsMax) {
      this.#unsaid = { first: this.#unsaid?.first ?? at, count: (this.#unsaid?.count ?? 0) + 1 };
      return;
    }
    const quoted = at.quote?.(path) ?? { position: at.locate(path) };
    this.#problems.push({ ...finding, path, file: at.path, ref: at.ref, ...quoted });
  }

  result(): readonly Problem[] {
    const problems = this.#problems.sort(compareProblems);
    if (this.#unsaid === null) return problems;
    const { first, count } = this.#unsaid;
    const message = `${count} more references that lead nowhere are left out here; pintle validate names them all.`;
    const rule = { ruleId: 'missing-reference', severity: 'warning', path: [] } as const;
    return [...problems, { ...rule, message, file: first.path, position: first.position }];
  }

  #checkManifest(from: ManifestObject, reference: ObjectReference): void {
    const { to } = reference;
    const key = refKey(to);
    const target = this.#byKey.get(key);
    if (target !== undefined) {
      this.#checkKeys(from, reference, target.object);
      this.#checkBackendPort(from, reference, target.object);
      return;
    }
    if (this.#rejected.has(key) || isWellKnown(to) || this.#options.exists?.(to) === true) return;
    if (reference.use === 'namespace') {
      this.#reportNamespace(from, to);
      return;
    }
    if (reference.use === 'scale-target' && to.group === '' && this.#schema.kind(to) === undefined) {
      this.#reportUnversioned(from, reference);
      return;
    }
    this.#reportMissing(from, reference.path, to);
  }

  #reportMissing(from: ManifestObject, path: FieldPath, to: ObjectRef): void {
    if (this.#rejected.has(refKey(to)) || isWellKnown(to) || this.#options.exists?.(to) === true) return;
    const near = this.#hint(to.name, this.#names.get(siblingsKey(to)) ?? []);
    const hint = near === undefined ? '' : ` Did you mean ${near}?`;
    const severity = this.#severity(to.namespace);
    const message = `${refText(to)} is not in this tree.${hint}`;
    const said = { ruleId: 'missing-reference', severity, message, suggestion: near, missing: to } as const;
    this.#report(from, path, said);
  }

  /** A target's apiVersion may be left out, but then it is looked for where no workload is. */
  #reportUnversioned(from: ManifestObject, { to, path }: ObjectReference): void {
    const meant = this.#schema.kinds.find(({ kind }) => kind === to.kind);
    const write = meant === undefined ? '' : `; write apiVersion: ${meant.group}/${meant.version}`;
    const message = `The target names no apiVersion, and no ${to.kind} is found without one${write}.`;
    const severity = this.#severity(to.namespace);
    this.#report(from, path.slice(0, -1), { ruleId: 'missing-reference', severity, message });
  }

  /** Once for a namespace, however many objects are in it. */
  #reportNamespace(from: ManifestObject, missing: ObjectRef): void {
    const { name } = missing;
    if (this.#missingNamespaces.has(name)) return;
    this.#missingNamespaces.add(name);
    const message = `The namespace ${name} is not in this tree. It has to be there before anything in it can be made.`;
    const path = ['metadata', 'namespace'];
    this.#report(from, path, { ruleId: 'missing-reference', severity: 'warning', message, missing });
  }

  /** Looking for what was meant is dear: not for thousands of names, and not for ever. */
  #hint(name: string, candidates: Iterable<string>): string | undefined {
    if (this.#hintsLeft <= 0) return undefined;
    this.#hintsLeft -= 1;
    return nearestName(name, [...candidates].slice(0, limits.referenceHintCandidatesMax));
  }

  #checkKeys(from: ManifestObject, { keys, to }: ObjectReference, target: KubeObject): void {
    if (keys.length === 0) return;
    const known = dataKeys(target);
    for (const { key, path } of keys) {
      if (known.has(key)) continue;
      const near = this.#hint(key, known);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      const message = `${refText(to)} has no key ${key}.${hint}`;
      const severity = this.#severity(to.namespace);
      this.#report(from, path, { ruleId: 'missing-key', severity, message, suggestion: near });
    }
  }

  #checkBackendPort(from: ManifestObject, { port, to }: ObjectReference, service: KubeObject): void {
    if (port === undefined) return;
    const ports = matchesOf(service, servicePorts).map(({ value }) => value);
    const field = typeof port.value === 'number' ? 'port' : 'name';
    if (ports.some((each) => valueAt(each, field) === port.value)) return;
    const names = ports.flatMap((each) => textAt(each, 'name') ?? []);
    const near = typeof port.value === 'string' ? this.#hint(port.value, names) : undefined;
    const numbers = ports.map((each) => String(valueAt(each, 'port')));
    const has = field === 'port' ? numbers : names;
    const message = `${refText(to)} has no port ${port.value}; it has ${has.length === 0 ? 'none of that sort' : has.join(', ')}.`;
    const severity = this.#severity(to.namespace);
    this.#report(from, port.path, { ruleId: 'missing-port', severity, message, suggestion: near });
  }

  #checkSelector(from: ManifestObject, reference: SelectorReference): void {
    if (reference.use === 'network-policy' || this.#rejectedPods.has(reference.namespace)) return;
    const selected = this.#pods.select(reference.namespace, reference.selector);
    if (selected.length > 0) {
      if (reference.use === 'service') this.#checkTargetPorts(from, selected);
      return;
    }
    const severity = this.#severity(reference.namespace);
    const message = `No pods of this tree in namespace ${reference.namespace} have these labels.`;
    this.#report(from, reference.path, { ruleId: 'selects-nothing', severity, message });
  }

  /** A named targetPort must be the name of a container port, in one of the selected pods at least. */
  #checkTargetPorts(from: ManifestObject, selected: readonly PodShape[]): void {
    let names: ReadonlySet<string> | null = null;
    for (const { path, value } of matchesOf(from.object, servicePorts)) {
      const target = textAt(value, 'targetPort');
      if (target === undefined || /^[0-9]+$/.test(target)) continue;
      names ??= new Set(selected.flatMap(({ spec }) => portNames(spec)));
      if (names.has(target)) continue;
      const near = this.#hint(target, names);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      const message = `No selected pod has a container port named ${target}.${hint}`;
      const severity = this.#severity(from.ref.namespace);
      const at = [...path, 'targetPort'];
      this.#report(from, at, { ruleId: 'missing-port', severity, message, suggestion: near });
    }
  }
}

function siblingsKey({ group, kind, namespace }: ObjectRef): string {
  return `${group}/${kind}/${namespace}`;
}

const servicePorts = fieldPattern('spec.ports[]');
const containerPorts = ['containers[].ports[]', 'initContainers[].ports[]'].map(fieldPattern);

function portNames(spec: PodShape['spec']): readonly string[] {
  return containerPorts.flatMap((pattern) =>
    matchesOf(spec, pattern).flatMap(({ value }) => textAt(value, 'name') ?? []),
  );
}

/** The keys of a ConfigMap or Secret. */
function dataKeys(object: KubeObject): ReadonlySet<string> {
  const secret = object.kind === 'Secret' && groupOf(object.apiVersion) === '';
  const fields = secret ? ['data', 'stringData'] : ['data', 'binaryData'];
  return new Set(
    fields.flatMap((field) => {
      const members = valueAt(object, field);
      return isObject(members) ? Object.keys(members) : [];
    }),
  );
}
