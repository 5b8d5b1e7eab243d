import { rules as objectRules } from '../schema/rules.ts';

/** Rules about files, and about objects beside one another. With the rules of lib/schema: all that validate can find. */
const ownRules = {
  // A file's text.
  'not-utf8': 'The file is not UTF-8.',
  'control-character': 'A control character stands in the file.',
  'yaml-syntax': 'The file is not well-formed YAML.',
  'json-syntax': 'The file is not well-formed JSON.',
  'duplicate-key': 'A key is written twice in one mapping.',
  'too-deep': 'The document is nested too deeply.',
  'alias-bomb': 'Aliases expand to more than is allowed.',
  'unknown-tag': 'A YAML tag has no meaning in a manifest.',
  'integer-too-large': 'An integer cannot be kept exactly.',
  'not-a-number': 'Infinity and not-a-number have no place in a manifest.',
  'unsupported-key': 'A key is no text and cannot be made one.',
  'too-many-problems': 'More is wrong with the file than is reported.',
  // What a file is.
  'file-too-large': 'The file is larger than is read.',
  'unreadable-file': 'The contents of the file are not there.',
  'not-a-manifest': 'The file or document holds no Kubernetes object.',
  'missing-directory': 'The directory that is followed is not in the commit.',
  'not-followed': 'The file is of a sort that is not followed yet.',
  // Objects beside one another.
  'duplicate-object': 'The same object is written twice.',
  'missing-reference': 'A reference names an object that is not there.',
  'missing-key': 'A reference names a key that the ConfigMap or Secret does not have.',
  'missing-port': 'A reference names a port that is not there.',
  'selects-nothing': 'A selector matches no pods.',
  'invalid-order': 'An annotation that says what comes first cannot be read.',
  'dependency-cycle': 'Objects wait for one another.',
} as const;

export const manifestRules = { ...objectRules, ...ownRules } as const;
export type ManifestRule = keyof typeof manifestRules;
