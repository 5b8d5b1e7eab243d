import { limits } from '../base/limits.ts';
import { type FieldPath, type Finding, fieldPathText, type Severity } from './finding.ts';
import type { RuleId } from './rules.ts';
import { structuralFinding } from './structural-finding.ts';
import type { Wording } from './wording.ts';

/** What goes with a finding: what to write instead, and how the API words it. */
export type Said = {
  readonly suggestion?: string | undefined;
  readonly wording?: Wording | undefined;
  /** Where the API tells of it, when that is another place. */
  readonly apiPath?: FieldPath | undefined;
};

/** Collects what is wrong with one object, up to a bound. */
export class FindingList {
  private readonly found: Finding[] = [];
  private more = false;

  /** `predicate` follows the field's path to make a sentence: "must be a list". */
  add(
    severity: Severity,
    ruleId: RuleId,
    path: FieldPath,
    predicate: string,
    more?: string | Said | undefined,
  ): void {
    if (this.found.length >= limits.objectFindingsMax) {
      this.more = true;
      return;
    }
    const end = predicate.endsWith('?') ? '' : '.';
    const message = `${fieldPathText(path)} ${predicate}${end}`.trimStart();
    this.found.push({
      ruleId,
      severity,
      path: [...path],
      message,
      ...(typeof more === 'string' ? { suggestion: more } : more),
    });
  }

  /** What is said in the API's words alone. */
  say(severity: Severity, ruleId: RuleId, path: FieldPath, wording: Wording): void {
    if (this.found.length >= limits.objectFindingsMax) this.more = true;
    else this.found.push({ ...structuralFinding(path, wording), ruleId, severity });
  }

  findings(): readonly Finding[] {
    if (!this.more) return this.found;
    const message = `Only the first ${limits.objectFindingsMax} problems of this object are shown.`;
    const ruleId: RuleId = 'too-many-findings';
    return [...this.found, { ruleId, severity: 'error', path: [], message }];
  }
}
