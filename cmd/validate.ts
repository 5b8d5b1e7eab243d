import { assertNever, UserError } from '../lib/base/errors.ts';
import { checkReferences } from '../lib/manifests/check-references.ts';
import { compareProblems } from '../lib/manifests/compare-problems.ts';
import type { SourceFile } from '../lib/manifests/manifest-set.ts';
import { readManifests } from '../lib/manifests/read-manifests.ts';
import { builtinSchema } from '../lib/schema/builtin-schema.ts';
import type { CommandIo } from './command-io.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { diskFiles } from './validate/disk-files.ts';
import { countsOf, type ValidateReport } from './validate/validate-report.ts';

export const validateOutputs = ['pretty', 'json', 'junit', 'sarif', 'github'] as const;
export type ValidateOutput = (typeof validateOutputs)[number];

export type ValidateOptions = {
  readonly repo: string;
  readonly since?: string;
  readonly allowHostAccess?: boolean;
  readonly output: string;
};

/**
 * `pintle validate [PATH…]`: checks the manifests on the disk. Exit 0: no errors (warnings are allowed); 1: errors, or nothing
 * was read. No daemon, no network, no cluster.
 */
export async function validateCommand(
  paths: readonly string[],
  options: ValidateOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const output = validateOutputs.find((name) => name === options.output);
  if (output === undefined) throw new UserError('USAGE', `there is no output form ${options.output}`);
  const files = diskFiles(paths.length === 0 ? ['.'] : paths, io.cwd);
  const { report, objects } = validate(files, { allowHostAccess: options.allowHostAccess === true });
  const narrowed = options.since === undefined ? report : await onlyChanged(report, files, options, io);
  io.stdout(await rendered(narrowed, output, io));
  if (objects === 0) {
    const where = paths.length === 0 ? 'here' : `in ${paths.join(', ')}`;
    io.stderr(`pintle: nothing was validated: there is no Kubernetes object ${where}\n`);
    return exitCodes.failed;
  }
  return countsOf(narrowed.problems).errors > 0 ? exitCodes.failed : exitCodes.ok;
}

function validate(
  files: readonly SourceFile[],
  { allowHostAccess }: { readonly allowHostAccess: boolean },
): { readonly report: ValidateReport; readonly objects: number } {
  const schema = builtinSchema();
  const set = readManifests(files, { schema, defaultNamespace: 'default', allowHostAccess });
  const references = checkReferences(set, schema, { mode: 'validate' });
  const problems = [...set.problems, ...references].sort(compareProblems);
  const objects = set.objects.length + set.rejected.length;
  // A file that is all errors has said something, too.
  const said = objects + problems.filter(({ severity }) => severity === 'error').length;
  return { report: { problems, files: files.map(({ path }) => path).sort(), objects }, objects: said };
}

async function onlyChanged(
  report: ValidateReport,
  files: readonly SourceFile[],
  options: ValidateOptions,
  io: CommandIo,
): Promise<ValidateReport> {
  const { changedFiles } = await import('./validate/changed-files.ts');
  const since = { revision: options.since ?? '', repository: options.repo, cwd: io.cwd };
  const changed = await changedFiles(files, since);
  return {
    ...report,
    problems: report.problems.filter(({ file }) => changed.has(file)),
    files: report.files.filter((file) => changed.has(file)),
  };
}

/** Each form is loaded when it is asked for. */
async function rendered(report: ValidateReport, output: ValidateOutput, io: CommandIo): Promise<string> {
  switch (output) {
    case 'pretty':
      return (await import('./validate/pretty-report.ts')).prettyReport(report, io);
    case 'json':
      return (await import('./validate/json-report.ts')).jsonReport(report);
    case 'junit':
      return (await import('./validate/junit-report.ts')).junitReport(report);
    case 'sarif': {
      const { version } = await import('./version.ts');
      return (await import('./validate/sarif-report.ts')).sarifReport(report, { version });
    }
    case 'github':
      return (await import('./validate/github-report.ts')).githubReport(report);
    default:
      return assertNever(output);
  }
}
