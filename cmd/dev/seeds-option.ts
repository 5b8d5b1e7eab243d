/** `--seeds N`: random histories that the tests play, instead of as many as they would; `--first-seed N` where they begin. */
export function takeSeeds(argv: readonly string[]): void {
  for (const [flag, variable] of [
    ['--seeds', 'PINTLE_SEEDS'],
    ['--first-seed', 'PINTLE_FIRST_SEED'],
  ] as const) {
    const at = argv.indexOf(flag);
    if (at < 0) continue;
    const value = argv[at + 1] ?? '';
    if (!/^[0-9]{1,9}$/.test(value)) {
      process.stderr.write(`${flag} takes a number\n`);
      process.exit(64);
    }
    // The tests' own processes and threads read it.
    process.env[variable] = value;
  }
}
