import { availableParallelism } from 'node:os';

/** What ava is told beside its configuration; `title` names the run. */
export type TestRun = { readonly title: string; readonly config: string; readonly args: readonly string[] };

/** Rooms whose tests start no programs, or few: a thread for each file starts in a fraction of the time that a process takes. */
const COMPUTING = 'api|apply|base|controllers|daemon|manifests|plan|scheduler|schema|server|status';

/**
 * Unit tests in three runs. Those of the other rooms have a process for each file: they start programs, which costs more the more a
 * process holds, and wait for them, so that more files than there are processors can be at work. What makes bridges and mounts of the
 * machine goes one file after the other: it looks for what is left, and others' is in its way.
 */
export const unitRuns: readonly TestRun[] = [
  {
    title: 'unit tests in threads',
    config: 'ava.config.js',
    args: ['--worker-threads', '--concurrency', `${availableParallelism()}`, `lib/@(${COMPUTING})/**`],
  },
  {
    title: 'unit tests in processes',
    config: 'ava.config.js',
    args: [
      ...['--concurrency', `${availableParallelism() + 1}`],
      ...[`lib/!(${COMPUTING}|network|runtime)/**`, 'lib/runtime/*', 'lib/runtime/!(linux)/**', 'cmd/**'],
      ...['lib/network/!(service-contract*)', 'lib/network/*/**'],
    ],
  },
  {
    title: 'unit tests of pods and networks of this machine',
    config: 'ava.config.js',
    args: ['--concurrency', '1', 'lib/runtime/linux/**', 'lib/network/service-contract*'],
  },
];

export const endToEndRun: TestRun = { title: 'end-to-end tests', config: 'ava.e2e.config.js', args: [] };
