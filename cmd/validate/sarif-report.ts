import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { manifestRules } from '../../lib/manifests/manifest-rules.ts';
import type { Problem } from '../../lib/manifests/manifest-set.ts';
import type { ValidateReport } from './validate-report.ts';

/** SARIF 2.1.0, as code scanning services take it. */
export function sarifReport(report: ValidateReport, tool: { readonly version: string }): string {
  const rules = Object.entries(manifestRules).map(([id, text]) => ({ id, shortDescription: { text } }));
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'pintle', version: tool.version, rules } },
        columnKind: 'utf16CodeUnits',
        results: report.problems.map((problem) => resultOf(problem, indexes)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf(problem: Problem, indexes: ReadonlyMap<string, number>): object {
  const { ruleId, severity, position, end, suggestion } = problem;
  const hint = suggestion === undefined ? '' : ` Write ${suggestion}.`;
  const ruleIndex = indexes.get(ruleId);
  return {
    ruleId,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: severity,
    message: { text: `${problem.message}${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(problem.file) },
          region: {
            startLine: position.line,
            startColumn: position.column,
            ...(end === undefined ? {} : { endLine: end.line, endColumn: end.column }),
          },
        },
      },
    ],
  };
}

/** A relative reference where the file is below the working directory, else a file: URL. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(sep).map(encodeURIComponent).join('/');
}
