import type { Problem } from './manifest-set.ts';

/** By file, then by place, then by rule. */
export function compareProblems(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  const byPlace = a.position.line - b.position.line || a.position.column - b.position.column;
  if (byPlace !== 0) return byPlace;
  return a.ruleId < b.ruleId ? -1 : a.ruleId > b.ruleId ? 1 : 0;
}
