import type { Wording } from './wording.ts';

/** A place inside an object: field names and list indexes from its root. */
export type FieldPath = readonly (string | number)[];

export type Severity = 'error' | 'warning';

/** One thing wrong with one object, found by one rule. `message` is prose for people; code matches `ruleId`. */
export type Finding = {
  /** Stable, kebab-case, e.g. `unknown-field`; documented in the README's table of rules. */
  readonly ruleId: string;
  readonly severity: Severity;
  readonly path: FieldPath;
  readonly message: string;
  /** What to write instead, when known. */
  readonly suggestion?: string | undefined;
  /** What the API answers in its place. Unset: made from the rule, the value and the message. */
  readonly wording?: Wording | undefined;
  /** Where the API tells of it, when that is another place than `path`. */
  readonly apiPath?: FieldPath | undefined;
};

/** `spec.template.spec.containers[0].image`, as Kubernetes prints field paths. */
export function fieldPathText(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
