import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';
import { containerIdOf } from '../driver.ts';

/**
 * Looks, as fast as it can, at every other process it sees, for what a launcher has and a container has not: the machine's files by
 * its root, its directory or what it has open, and its program, to write to it when it does not run any more. Until it is told to stop.
 */
const lurking = `
use Fcntl;
my ($marker, %programs) = ($ARGV[0], map { $_ => 1 } @ARGV[1 .. $#ARGV]);
$| = 1;
my (@kept, %found, %seen);
print "lurks\\n";
until (-e "/tmp/stop") {
  opendir(my $proc, "/proc");
  for my $pid (grep { /^\\d+$/ && $_ != $$ } readdir $proc) {
    $seen{$pid} = 1;
    for my $way ("root", "cwd/" . "../" x 12) { $found{"files by $way"} = 1 if -e "/proc/$pid/$way$marker"; }
    for my $fd (3 .. 12) { $found{"files by fd"} = 1 if -e "/proc/$pid/fd/$fd/" . "../" x 12 . $marker; }
    if (@kept < 500 && sysopen(my $exe, "/proc/$pid/exe", O_RDONLY)) {
      my @of = stat $exe;
      push @kept, $exe if $programs{"$of[0]:$of[1]"};
    }
  }
}
select(undef, undef, undef, 0.2);
for my $exe (@kept) { $found{"program"} = 1 if sysopen(my $again, "/proc/self/fd/" . fileno($exe), O_WRONLY); }
print join(", ", sort keys %found), "\\n";
print scalar(keys %seen) > 5 ? "saw them\\n" : "saw none\\n";
`;

/** The programs of the machine that have to do with a launch, by device and inode. */
function launcherPrograms(): readonly string[] {
  return ['sh', 'unshare', 'nsenter', 'setpriv', 'prlimit', 'env', 'mount', 'crun', 'runc']
    .flatMap((name) => ['/usr/bin', '/usr/sbin'].map((directory) => join(directory, name)))
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [`${stat.dev}:${stat.ino}`];
    });
}

withEveryLauncher(test, 'whoever brings a command in shows nothing of the machine', async (t, launcher) => {
  const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
  const marker = join(dataDirectory, 'marker-of-the-machine');
  writeFileSync(marker, '');
  await driver.createSandbox({ ...sandboxSpec('pod'), shareProcessNamespace: true });
  const spec = scriptContainer('pod', '', {
    command: ['perl', '-e', lurking, marker, ...launcherPrograms()],
  });
  await driver.startContainer(spec);
  await until(async () => (await logText(driver, spec.id)).includes('lurks'), { what: 'it lurks' });
  // Commands come in; and containers, of which it sees the processes.
  for (let round = 0; round < 12; round += 1) {
    const said = await driver.exec(spec.id, { command: ['true'], timeoutMs: 20_000, outputBytesMax: 100 });
    t.is(said.exitCode, 0);
    if (round % 3 !== 0) continue;
    const other = scriptContainer('pod', 'sleep 0.05', { container: 'other', attempt: round });
    await driver.startContainer(other);
    await ended(driver, containerIdOf('pod', 'other', round));
  }
  const stop = { command: ['touch', '/tmp/stop'], timeoutMs: 20_000, outputBytesMax: 100 };
  await driver.exec(spec.id, stop);
  await ended(driver, spec.id);
  t.is(await logText(driver, spec.id), 'lurks\n\nsaw them\n');
});
