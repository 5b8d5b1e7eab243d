import type { JsonObject } from '../base/json.ts';
import type { FieldPath, Severity } from './finding.ts';
import type { Said } from './finding-list.ts';
import type { KubeObject } from './object.ts';
import type { RuleId } from './rules.ts';
import type { Kind, Schema } from './schema.ts';
import type { Wording } from './wording.ts';

/** What is left of a value when all that did not fit was taken out of it: anything may be absent, nothing is of another type. */
export type Sound<T> = T extends readonly (infer Item)[]
  ? readonly Sound<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Sound<T[K]> | undefined }
    : T;

/** Where a rule stands, and what it tells. Paths are relative to the value it was given; predicates follow the path. */
export interface At {
  readonly schema: Schema;
  readonly kind: Kind;
  /** The whole object as it was given. */
  readonly object: KubeObject;
  /** Where the value stands in the object. The reader's own: valid during the call only. */
  readonly path: FieldPath;
  /** `more`: what to write instead, or that with how the API words it. */
  error(ruleId: RuleId, path: FieldPath, predicate: string, more?: string | Said | undefined): void;
  /** Says it in the API's words alone. */
  say(severity: Severity, ruleId: RuleId, path: FieldPath, wording: Wording): void;
  warning(ruleId: RuleId, path: FieldPath, predicate: string, suggestion?: string | undefined): void;
}

/** One rule: called with every value of a type, wherever it stands. */
export interface Rule {
  /** The full name of the type; `*` for the object itself, whatever its kind. */
  readonly on: string;
  // A method, so that a rule may name the type of what it takes.
  check(value: JsonObject, at: At): void;
}

const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
};

/** `core/v1.Container` → the full name of the type. */
export function typeNamed(short: string): string {
  const slash = short.indexOf('/');
  const group = short.slice(0, slash);
  return `${PACKAGES[group] ?? `io.k8s.api.${group}`}.${short.slice(slash + 1)}`;
}
