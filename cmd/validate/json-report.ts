import type { Problem } from '../../lib/manifests/manifest-set.ts';
import { fieldPathText } from '../../lib/schema/finding.ts';
import { countsOf, type ValidateReport } from './validate-report.ts';

/**
 * For programs. Members are only ever added:
 *
 *     { format: 1, summary: { files, objects, errors, warnings },
 *       problems: [{ ruleId, severity, file, line, column, endLine?, endColumn?, field?, message, suggestion?, object? }] }
 *
 * Lines and columns count from 1, columns in UTF-16 units; `end…` is exclusive. `object` is { group, kind, namespace, name }.
 */
export function jsonReport(report: ValidateReport): string {
  const { errors, warnings } = countsOf(report.problems);
  const summary = { files: report.files.length, objects: report.objects, errors, warnings };
  return `${JSON.stringify({ format: 1, summary, problems: report.problems.map(problemJson) }, null, 2)}\n`;
}

function problemJson(problem: Problem): object {
  const { ruleId, severity, file, position, end, path, message, suggestion, ref } = problem;
  const field = fieldPathText(path);
  return {
    ...{ ruleId, severity, file, line: position.line, column: position.column },
    ...(end === undefined ? {} : { endLine: end.line, endColumn: end.column }),
    ...(field === '' ? {} : { field }),
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(ref === undefined
      ? {}
      : { object: { group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name } }),
  };
}
