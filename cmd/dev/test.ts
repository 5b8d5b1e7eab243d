/** `npm test`: unit tests, then end-to-end tests; closes with the line `N passed, N failed`. `--unit` leaves out the latter, `--kubectl` fails without a kubectl, `--linux` where real pods cannot be run; `--seeds N` plays so many random histories. */
import { runAva, type TestCounts } from './run-ava.ts';
import { takeSeeds } from './seeds-option.ts';
import { endToEndRun, unitRuns } from './test-runs.ts';

takeSeeds(process.argv);
const unitOnly = process.argv.includes('--unit');
const kubectlRequired = process.argv.includes('--kubectl');
const linuxRequired = process.argv.includes('--linux');
const totals: TestCounts = { passed: 0, failed: 0, skipped: 0, withoutKubectl: 0, withoutLinux: 0 };
for (const run of unitOnly ? unitRuns : [...unitRuns, endToEndRun]) {
  const counts = await runAva(run);
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.skipped += counts.skipped;
  totals.withoutKubectl += counts.withoutKubectl;
  totals.withoutLinux += counts.withoutLinux;
}
if (kubectlRequired && totals.withoutKubectl > 0) {
  process.stdout.write(`✘ ${totals.withoutKubectl} tests need a kubectl (KUBECTL, or on the PATH)\n`);
  totals.failed += totals.withoutKubectl;
}
if (linuxRequired && totals.withoutLinux > 0) {
  process.stdout.write(`✘ ${totals.withoutLinux} tests of real pods need root, crun, runc and iproute2\n`);
  totals.failed += totals.withoutLinux;
}
const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
