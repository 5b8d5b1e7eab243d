import { type FieldPath, type Finding, fieldPathText } from './finding.ts';
import type { RuleId } from './rules.ts';
import type { Wording } from './wording.ts';

/** A problem of a custom resource in the one form; what the API says of it does for manifests too. */
export function structuralFinding(path: FieldPath, wording: Wording): Finding {
  return {
    ruleId: ruleOf(wording),
    severity: 'error',
    path,
    message: `${fieldPathText(path)}: ${wording.message}.`.replace(/^: /, ''),
    wording,
  };
}

function ruleOf({ reason }: Wording): RuleId {
  switch (reason) {
    case 'FieldValueRequired':
      return 'missing-field';
    case 'FieldValueTypeInvalid':
      return 'wrong-type';
    case 'FieldValueNotSupported':
      return 'unknown-value';
    case 'FieldValueDuplicate':
      return 'duplicate-entry';
    default:
      return 'schema-violation';
  }
}
