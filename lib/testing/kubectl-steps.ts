import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { type Kubectl, type KubectlResult, kubectl, kubectlBinaries } from './kubectl.ts';
import { kubectlWords } from './kubectl-words.ts';
import { type RealDaemon, realDaemon } from './real-daemon.ts';
import { until } from './until.ts';

/** One command: what it must print, and where it is to fail, with which code. */
export type Step = {
  /** `get pods -o name`; quotes as in a shell. $NAMESPACE, $MINOR (of kubectl), $NODE and what was saved are put in. */
  readonly run: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly prints?: RegExp;
  readonly omits?: RegExp;
  readonly complains?: RegExp;
  /** Unset: 0. */
  readonly code?: number;
  /** What it is to print comes with time: asked again until it does. */
  readonly eventually?: boolean;
  /** Keeps what was printed, without the space around it, as a variable. */
  readonly save?: string;
  /** Left out before this version of kubectl: 1.28 is 28. */
  readonly sinceMinor?: number;
  /** Left out from this version on. */
  readonly beforeMinor?: number;
  /** It runs until it printed what it must; meanwhile, once it has printed a line, these are run. */
  readonly meanwhile?: readonly Step[];
};

export type StepTable = {
  /** `kubectl reads`: what the test says, before the version. */
  readonly title: string;
  /** Which versions of those on this machine. */
  readonly versions: 'all' | 'oldest and newest';
  /** Laid where the commands run, for `-f`. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly steps: readonly Step[];
};

const EVENTUALLY_MS = 20_000;
/** Until a command is run again: some half of what it takes. */
const AGAIN_MS = 50;

/** Declares the test of a table: every version through every step, each in a namespace of its own, against one real daemon. */
export function testKubectl(table: StepTable): void {
  testWithKubectl(table, async (session) => {
    const failures: string[] = [];
    for (const step of table.steps) {
      const wrong = await wrongWith(session, step);
      if (wrong !== null) failures.push(wrong);
    }
    return failures;
  });
}

/** The same for what is more than steps. `look` says what is wrong. */
export function testWithKubectl(
  table: Omit<StepTable, 'steps'>,
  look: (session: Session) => Promise<readonly string[]>,
): void {
  const every = kubectlBinaries();
  if (every.length === 0) {
    test.skip(`${table.title}: kubectl is not on this machine (KUBECTL, PATH)`, () => undefined);
    return;
  }
  const ends = [...new Set([every[0], every.at(-1)])].filter((binary) => binary !== undefined);
  const binaries = table.versions === 'all' ? every : ends;
  test(`${table.title}: ${binaries.map((binary) => basename(binary)).join(', ')}`, async (t) => {
    t.timeout(600_000);
    const daemon = await realDaemon(t);
    const files = join(daemon.directory, 'files');
    await mkdir(files);
    for (const [name, content] of Object.entries(table.files ?? {})) {
      await mkdir(join(files, name, '..'), { recursive: true });
      await writeFile(join(files, name), content);
    }
    const failures: string[] = [];
    for (const binary of binaries) {
      const session = await openSession({ daemon, binary, files });
      const wrong = await look(session);
      failures.push(...wrong.map((text) => `${session.name}: ${text}`));
      const gone = await session.run(['delete', 'namespace', session.namespace, '--timeout=30s']);
      if (gone.code !== 0) failures.push(`${session.name}: the namespace stays\n${gone.stderr}`);
    }
    t.is(failures.join('\n\n'), '');
  });
}

type Place = { readonly daemon: RealDaemon; readonly binary: string; readonly files: string };

export type Session = {
  readonly name: string;
  readonly minor: number;
  readonly namespace: string;
  readonly run: Kubectl;
  readonly variables: Map<string, string>;
};

async function openSession({ daemon, binary, files }: Place): Promise<Session> {
  const name = basename(binary);
  const minor = Number(name.split('.')[2] ?? Number.POSITIVE_INFINITY);
  const namespace = `play-${Number.isFinite(minor) ? minor : 'newest'}`;
  const home = join(daemon.directory, `home-${name}`);
  await mkdir(home);
  const kubeconfig = join(home, 'kubeconfig');
  await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
  const run = kubectl({ binary, home, kubeconfig, namespace, directory: files });
  await run(['create', 'namespace', namespace]);
  const node = await run(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}']);
  const variables = new Map([
    ['NAMESPACE', namespace],
    ['MINOR', `${minor}`],
    ['NODE', node.stdout],
  ]);
  return { name, minor, namespace, run, variables };
}

/** null: the step did what it is to do. */
async function wrongWith(session: Session, step: Step): Promise<string | null> {
  const { sinceMinor = 0, beforeMinor = Number.POSITIVE_INFINITY } = step;
  if (session.minor < sinceMinor || session.minor >= beforeMinor) return null;
  const args = kubectlWords(step.run, session.variables);
  let result = await runStep(session, step, args);
  if (step.eventually === true && faultOf(step, result) !== null) {
    const done = async (): Promise<boolean> => {
      result = await runStep(session, step, args);
      return faultOf(step, result) === null;
    };
    await until(done, { what: step.run, deadlineMs: EVENTUALLY_MS, everyMs: AGAIN_MS }).catch(
      () => undefined,
    );
  }
  if (step.save !== undefined) session.variables.set(step.save, result.stdout.trim());
  const fault = faultOf(step, result);
  return fault === null ? null : `kubectl ${args.join(' ')}\n${fault}\n${result.stdout}${result.stderr}`;
}

async function runStep(session: Session, step: Step, args: readonly string[]): Promise<KubectlResult> {
  const options = { ...(step.stdin && { stdin: step.stdin }), ...(step.env && { env: step.env }) };
  const { meanwhile, prints } = step;
  if (meanwhile === undefined) return session.run(args, options);
  const begun = Promise.withResolvers<void>();
  const watched = session.run(args, {
    ...options,
    endAt: (stdout) => {
      begun.resolve();
      return prints?.test(stdout) ?? true;
    },
  });
  watched.then(() => begun.resolve(), begun.reject);
  await begun.promise;
  const wrong: string[] = [];
  for (const other of meanwhile) wrong.push((await wrongWith(session, other)) ?? '');
  const { stdout, stderr } = await watched;
  return { code: 0, stdout, stderr: `${stderr}${wrong.join('')}` };
}

function faultOf(step: Step, { code, stdout, stderr }: KubectlResult): string | null {
  const { prints, omits, complains } = step;
  if (code !== (step.code ?? 0)) return `ended with ${code}, not ${step.code ?? 0}`;
  if (prints !== undefined && !prints.test(stdout)) return `does not print ${prints}`;
  if (omits?.test(stdout)) return `prints ${omits}`;
  if (complains !== undefined && !complains.test(stderr)) return `does not complain ${complains}`;
  return null;
}
