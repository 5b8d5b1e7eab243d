import type { Problem } from '../../lib/manifests/manifest-set.ts';
import { printable } from '../../lib/manifests/problem-text.ts';
import { counted, countsOf, type ValidateReport } from './validate-report.ts';

/** GitHub Actions workflow commands: annotations on the lines of a pull request. */
export function githubReport(report: ValidateReport): string {
  const { errors, warnings } = countsOf(report.problems);
  const lines = report.problems.map(annotation);
  return `${[...lines, `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`].join('\n')}\n`;
}

function annotation(problem: Problem): string {
  const { severity, file, position, end, ruleId, suggestion } = problem;
  const properties = [
    `file=${escapeProperty(file)}`,
    `line=${position.line}`,
    `col=${position.column}`,
    ...(end === undefined ? [] : [`endLine=${end.line}`, `endColumn=${end.column}`]),
    `title=${escapeProperty(ruleId)}`,
  ];
  const hint = suggestion === undefined ? '' : ` Write ${suggestion}.`;
  return `::${severity} ${properties.join(',')}::${escapeData(printable(`${problem.message}${hint}`))}`;
}

/** Source of both: the workflow commands' own escaping; anything less lets a manifest's text begin a command. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
