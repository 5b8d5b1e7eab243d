import test from 'ava';
import { manifestRules } from '../../lib/manifests/manifest-rules.ts';
import type { Problem } from '../../lib/manifests/manifest-set.ts';
import { githubReport } from './github-report.ts';
import { jsonReport } from './json-report.ts';
import { junitReport } from './junit-report.ts';
import { prettyReport } from './pretty-report.ts';
import { sarifReport } from './sarif-report.ts';
import type { ValidateReport } from './validate-report.ts';

const problem: Problem = {
  ruleId: 'unknown-field',
  severity: 'error',
  path: ['spec', 'ports', 0, 'prt'],
  message: 'spec.ports[0].prt is <no> field & "more".',
  suggestion: 'port',
  file: 'a dir/web, 100%.yaml',
  position: { line: 3, column: 5 },
  end: { line: 3, column: 8 },
  ref: { group: '', kind: 'Service', namespace: 'shop', name: 'web' },
};
const hostile: Problem = {
  ruleId: 'not-a-manifest',
  severity: 'warning',
  path: [],
  message: 'one\n::error::two\u0000\r]]>',
  file: 'b.yaml',
  position: { line: 1, column: 1 },
};
const report: ValidateReport = {
  problems: [problem, hostile],
  files: [problem.file, 'b.yaml', 'c.yaml'],
  objects: 2,
};
const clean: ValidateReport = { problems: [], files: ['c.yaml'], objects: 1 };

test('JSON has one stable form.', (t) => {
  t.deepEqual(JSON.parse(jsonReport(report)), {
    format: 1,
    summary: { files: 3, objects: 2, errors: 1, warnings: 1 },
    problems: [
      {
        ruleId: 'unknown-field',
        severity: 'error',
        file: problem.file,
        line: 3,
        column: 5,
        endLine: 3,
        endColumn: 8,
        field: 'spec.ports[0].prt',
        message: problem.message,
        suggestion: 'port',
        object: { group: '', kind: 'Service', namespace: 'shop', name: 'web' },
      },
      {
        ruleId: 'not-a-manifest',
        severity: 'warning',
        file: 'b.yaml',
        line: 1,
        column: 1,
        message: hostile.message,
      },
    ],
  });
});

test('JUnit has a case for each file, and only what XML can hold.', (t) => {
  t.is(
    junitReport(report),
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="pintle validate" tests="3" failures="1" errors="0">',
      '  <testsuite name="manifests" tests="3" failures="1" errors="0">',
      '    <testcase classname="manifests" name="a dir/web, 100%.yaml">',
      '      <failure type="unknown-field" message="spec.ports[0].prt is &lt;no&gt; field &amp; &quot;more&quot;.">a dir/web, 100%.yaml:3:5: error unknown-field: spec.ports[0].prt is &lt;no&gt; field &amp; &quot;more&quot;. [spec.ports[0].prt]</failure>',
      '    </testcase>',
      '    <testcase classname="manifests" name="b.yaml">',
      '      <system-out>b.yaml:1:1: warning not-a-manifest: one ::error::two\uFFFD\uFFFD]]&gt;</system-out>',
      '    </testcase>',
      '    <testcase classname="manifests" name="c.yaml"/>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n'),
  );
});

test('SARIF names every rule, and each result points into the list and into the file.', (t) => {
  const log = JSON.parse(sarifReport(report, { version: '1.2.3' }));
  const [run] = log.runs;
  t.is(log.version, '2.1.0');
  t.is(run.tool.driver.version, '1.2.3');
  t.is(run.tool.driver.rules.length, Object.keys(manifestRules).length);
  const [first, second] = run.results;
  t.is(run.tool.driver.rules[first.ruleIndex].id, 'unknown-field');
  t.is(first.level, 'error');
  t.is(second.level, 'warning');
  t.deepEqual(first.locations[0].physicalLocation, {
    artifactLocation: { uri: 'a%20dir/web%2C%20100%25.yaml' },
    region: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 8 },
  });
});

test('GitHub annotations are escaped: no text of a manifest begins a command of its own.', (t) => {
  t.deepEqual(githubReport(report).split('\n'), [
    '::error file=a dir/web%2C 100%25.yaml,line=3,col=5,endLine=3,endColumn=8,title=unknown-field::spec.ports[0].prt is <no> field & "more". Write port.',
    '::warning file=b.yaml,line=1,col=1,title=not-a-manifest::one ::error::two\uFFFD\uFFFD]]>',
    '1 error, 1 warning',
    '',
  ]);
});

test('People are told in one line when there is nothing to tell.', (t) => {
  t.is(prettyReport(clean, { colour: false }), 'no problems: 1 object in 1 file\n');
});

test('Every form takes an empty report.', (t) => {
  const empty: ValidateReport = { problems: [], files: [], objects: 0 };
  t.is(JSON.parse(jsonReport(empty)).problems.length, 0);
  t.is(JSON.parse(sarifReport(empty, { version: '1' })).runs[0].results.length, 0);
  t.regex(junitReport(empty), /tests="0"/);
  t.is(githubReport(empty), '0 errors, 0 warnings\n');
});
