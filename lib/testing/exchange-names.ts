/**
 * For perl: makes a directory `inner` in the first directory it is given and swaps it, without end and with no moment between, for a
 * link to the second. Says `swaps` when it begins.
 */
export const EXCHANGE = `
my ($where, $outside) = @ARGV;
chdir $where or die;
mkdir "inner"; mkdir "inner/deep"; symlink($outside, "link");
my %renameat2 = (x86_64 => 316, aarch64 => 276);
chomp(my $machine = \`uname -m\`);
my ($inner, $link) = ("inner", "link");
$| = 1; print "swaps\\n";
while (1) {
  syscall($renameat2{$machine}, -100, $inner, -100, $link, 2) == 0 or die "renameat2: $!";
}
`;
