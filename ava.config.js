// Unit tests: fast, pure or with temporary directories only. End-to-end tests have their own configuration.
export default {
  files: ['lib/**/*.test.ts', 'cmd/**/*.test.ts'],
  extensions: ['ts'],
  workerThreads: false,
  timeout: '180s',
};
