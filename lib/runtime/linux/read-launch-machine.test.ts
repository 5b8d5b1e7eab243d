import { existsSync, statSync } from 'node:fs';
import test from 'ava';
import { isAtLeast, numbersOf, ownCapabilityMask, readLaunchMachine } from './read-launch-machine.ts';

test('capabilities: what is both permitted and not bounded away', (t) => {
  t.is(ownCapabilityMask('CapPrm:\t000001ffffffffff\nCapBnd:\t000001fffeffffff\n'), '000001fffeffffff');
  t.is(ownCapabilityMask('CapPrm:\t0000000000000000\nCapBnd:\t000001ffffffffff\n'), '0000000000000000');
  t.is(ownCapabilityMask(''), '0000000000000000');
});

test('versions of the kernel are compared by number', (t) => {
  t.true(isAtLeast('6.1.0-18-amd64', 5, 12));
  t.true(isAtLeast('5.12.0-rc1', 5, 12));
  t.false(isAtLeast('5.4.0', 5, 12));
  t.false(isAtLeast('4.19', 5, 12));
});

test('a device’s two numbers, as makedev puts them together', (t) => {
  t.deepEqual(numbersOf(0x103), { major: 1, minor: 3 });
  t.deepEqual(numbersOf(8 * 256 + 17), { major: 8, minor: 17 });
  t.deepEqual(numbersOf(0x1_0000_0000 * 0x1000 + 0x100_000), { major: 0x1000, minor: 0x100 });
});

const skipped = existsSync('/proc/self/status') ? test : test.skip;
skipped('this machine is read without failing, and nothing every container has is among its devices', (t) => {
  const machine = readLaunchMachine();
  t.true(machine.openFilesMax > 0 && machine.oomScoreAdjMin >= -1000);
  t.false(machine.devices.some(({ path }) => path === '/dev/null' || path.startsWith('/dev/pts/')));
  for (const { path, major, minor } of machine.devices.slice(0, 5)) {
    t.deepEqual(numbersOf(statSync(path).rdev), { major, minor });
  }
});
