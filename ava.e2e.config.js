// End to end: real daemon, real git, real processes. One file at a time: they share the machine's two cores.
export default {
  files: ['lib/**/*.e2e.ts', 'cmd/**/*.e2e.ts'],
  extensions: ['ts'],
  workerThreads: false,
  concurrency: 1,
  timeout: '180s',
};
