import type { Problem } from '../../lib/manifests/manifest-set.ts';
import { problemLine } from '../../lib/manifests/problem-text.ts';
import { countsOf, type ValidateReport } from './validate-report.ts';

/** JUnit XML: a test case for each file, failed by its errors; warnings are its output. */
export function junitReport(report: ValidateReport): string {
  const byFile = new Map<string, Problem[]>(report.files.map((file) => [file, []]));
  for (const problem of report.problems) {
    const list = byFile.get(problem.file);
    if (list === undefined) byFile.set(problem.file, [problem]);
    else list.push(problem);
  }
  const cases = [...byFile].map(([file, problems]) => testCase(file, problems));
  const failures = [...byFile.values()].filter((problems) => countsOf(problems).errors > 0).length;
  const counts = `tests="${byFile.size}" failures="${failures}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pintle validate" ${counts}>`,
    `  <testsuite name="manifests" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(file: string, problems: readonly Problem[]): string {
  const open = `    <testcase classname="manifests" name="${escapeXml(file)}"`;
  if (problems.length === 0) return `${open}/>`;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  const lines = [`${open}>`];
  const [first] = errors;
  if (first !== undefined) {
    const attributes = `type="${escapeXml(first.ruleId)}" message="${escapeXml(first.message)}"`;
    lines.push(`      <failure ${attributes}>${escapeXml(errors.map(problemLine).join('\n'))}</failure>`);
  }
  if (warnings.length > 0) {
    lines.push(`      <system-out>${escapeXml(warnings.map(problemLine).join('\n'))}</system-out>`);
  }
  return [...lines, '    </testcase>'].join('\n');
}

/** What XML 1.0 cannot hold at all, escaped or not (lone surrogates aside). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: replacing them is the point.
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, '\uFFFD')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
