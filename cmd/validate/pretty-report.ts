import { problemText } from '../../lib/manifests/problem-text.ts';
import { counted, countsOf, type ValidateReport } from './validate-report.ts';

/** For people: every problem with its line, then one line of counts. */
export function prettyReport(report: ValidateReport, style: { readonly colour: boolean }): string {
  const { errors, warnings } = countsOf(report.problems);
  const blocks = report.problems.map((problem) => problemText(problem, style));
  const found =
    errors + warnings === 0 ? 'no problems' : `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
  const size = `${counted(report.objects, 'object')} in ${counted(report.files.length, 'file')}`;
  return `${[...blocks, `${found}: ${size}`].join('\n')}\n`;
}
