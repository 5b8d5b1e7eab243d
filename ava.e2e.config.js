import { availableParallelism } from 'node:os';

// End to end: real daemon, real git, real processes. A file has a daemon of its own, and for half of its time waits for it, for clients
// and for grace periods: as many are at work as there are processors, four at most.
export default {
  files: ['lib/**/*.e2e.ts', 'cmd/**/*.e2e.ts'],
  extensions: ['ts'],
  workerThreads: false,
  concurrency: Math.min(4, availableParallelism()),
  timeout: '180s',
};
