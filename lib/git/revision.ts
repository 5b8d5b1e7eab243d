import { UserError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { isOidPrefix } from './object-id.ts';
import { isBranchName, isRefName } from './ref-name.ts';

/** `ancestor`: n first parents up. `parent`: the n-th parent, from 1 (0: the commit itself). */
export type RevisionStep =
  | { readonly kind: 'ancestor'; readonly count: number }
  | { readonly kind: 'parent'; readonly number: number };

export type Revision = {
  /** Full references to try, in order: HEAD, `refs/…`, a branch, a tag. */
  readonly refs: readonly string[];
  /** The text as an object name or its beginning; null when it cannot be one. */
  readonly oidPrefix: string | null;
  readonly steps: readonly RevisionStep[];
};

const STEP = /^(?:~(\d{0,6})|\^(\d{0,3}))/;

/**
 * Reads a branch, a full ref, HEAD (or @), a tag or an object name, followed by any of `~N`, `^N`.
 * The rest of git's revision language is refused: it can search messages and reflogs, and name files.
 *
 * @throws {UserError} INVALID_REVISION
 */
export function parseRevision(text: string): Revision {
  const cut = text.search(/[~^]/);
  const base = cut < 0 ? text : text.slice(0, cut);
  const steps = parseSteps(text, cut < 0 ? '' : text.slice(cut));
  if (base === 'HEAD' || base === '@') return { refs: ['HEAD'], oidPrefix: null, steps };
  if (!isRefName(base)) throw invalid(text);
  if (base.startsWith('refs/')) return { refs: [base], oidPrefix: null, steps };
  const oid = base.toLowerCase();
  return {
    refs: isBranchName(base) ? [`refs/heads/${base}`, `refs/tags/${base}`] : [],
    oidPrefix: isOidPrefix(oid) ? oid : null,
    steps,
  };
}

function parseSteps(text: string, suffix: string): readonly RevisionStep[] {
  const steps: RevisionStep[] = [];
  let total = 0;
  for (let rest = suffix; rest !== ''; ) {
    const match = STEP.exec(rest);
    if (match === null) throw invalid(text);
    const digits = match[1] ?? match[2] ?? '';
    const number = digits === '' ? 1 : Number(digits);
    steps.push(match[1] === undefined ? { kind: 'parent', number } : { kind: 'ancestor', count: number });
    total += match[1] === undefined ? 1 : number;
    if (total > limits.revisionStepsMax) throw invalid(text);
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function invalid(text: string): UserError {
  const shown = JSON.stringify(text.slice(0, 200));
  return new UserError(
    'INVALID_REVISION',
    `${shown} is not a revision: write a branch, a tag, a full ref, HEAD or a commit, with ~N or ^ after it`,
    { revision: text.slice(0, 200) },
  );
}
