import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { linuxLacks, openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';

const lacks = linuxLacks('crun');
const tested = lacks === null ? test.serial : test.serial.skip;

/**
 * Sends frames of its own making: each argument is `source MAC,source IP,destination MAC,destination IP,port,text`; `arp,…` is an
 * answer nobody asked for: that its source IP lives at its source MAC.
 */
const sending = `
use Socket;
my ($index) = map { chomp; $_ } do { open(my $f, "<", "/sys/class/net/eth0/ifindex"); <$f> };
socket(my $raw, 17, 3, 0x0300) or die "no raw socket: $!";
my $mac = sub { pack("H12", $_[0] =~ s/://gr) };
my $to = pack("S n l S C C a8", 17, 0x0800, $index, 0, 0, 6, "");
my $sum = sub { my $s = 0; $s += $_ for unpack("n*", $_[0]); $s = ($s >> 16) + ($s & 0xffff) while $s >> 16; ~$s & 0xffff };
for (@ARGV) {
  my $isArp = s/^arp,//;
  my ($fromMac, $fromIp, $toMac, $toIp, $port, $text) = split /,/;
  my $frame;
  if ($isArp) {
    $frame = $mac->($toMac) . $mac->($fromMac) . pack("n n n C C n", 0x0806, 1, 0x0800, 6, 4, 2)
      . $mac->($fromMac) . inet_aton($fromIp) . $mac->($toMac) . inet_aton($toIp);
  } else {
    my $udp = pack("n n n n", 4000, $port, 8 + length $text, 0) . $text;
    my @head = (0x45, 0, 20 + length $udp, 7, 0, 64, 17);
    my $head = pack("C C n n n C C n a4 a4", @head, 0, inet_aton($fromIp), inet_aton($toIp));
    $head = pack("C C n n n C C n a4 a4", @head, $sum->($head), inet_aton($fromIp), inet_aton($toIp));
    $frame = $mac->($toMac) . $mac->($fromMac) . pack("n", 0x0800) . $head . $udp;
  }
  for (1 .. 3) { send($raw, $frame, 0, $to) or print "not sent: $!\\n"; }
}
print "sent\\n";
`;
/** Prints every datagram at a port with its sender; perl, so that it is there at once. */
const hearing = `
use IO::Socket::INET;
$| = 1;
my $socket = IO::Socket::INET->new(LocalPort => 9000, Proto => "udp");
print "hears\\n";
while (my $peer = $socket->recv(my $text, 100)) { print $text, " from ", $socket->peerhost, "\\n"; }
`;

const macOf = (ip: string): string =>
  ['0a', '58', ...ip.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))].join(':');

async function listening(t: ExecutionContext, address: string, heard: string[]): Promise<number> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (text, { address: from }) => heard.push(`${text} from ${from}`));
  await new Promise<void>((resolve) => void socket.bind(0, address, resolve));
  t.teardown(() => void socket.close());
  return socket.address().port;
}

tested('linux: a pod is nobody but itself to others, and reaches no loopback but its own', async (t) => {
  const { driver } = await openLinuxDriver(t, 'crun');
  const [victim, evil] = await Promise.all(
    ['victim', 'evil'].map((uid) => driver.createSandbox(sandboxSpec(uid))),
  );
  const [victimIP, evilIP] = [victim?.podIP ?? '', evil?.podIP ?? ''];
  const gateway = victimIP.replace(/\d+$/, '1');
  const heard: string[] = [];
  const [atLoopback, atGateway] = [
    await listening(t, '127.0.0.1', heard),
    await listening(t, gateway, heard),
  ];
  const server = createServer((socket) => void socket.destroy(heard.push('loopback by TCP') as never));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const hears = scriptContainer('victim', '', { command: ['perl', '-e', hearing] });
  await driver.startContainer(hears);
  await until(async () => (await logText(driver, hears.id)).includes('hears'), { what: 'it hears' });

  const [own, other, host] = [macOf(evilIP), macOf(victimIP), macOf(gateway)];
  const frames = [
    // Of the machine: its loopback, by an address that should not come by a cable.
    [own, evilIP, host, '127.0.0.1', atLoopback, 'loopback'],
    [own, '127.0.0.1', host, gateway, atGateway, 'from-loopback'],
    // As the other pod, by its IP, by its hardware address too, and as the machine.
    [own, victimIP, host, gateway, atGateway, 'other-ip'],
    [other, victimIP, host, gateway, atGateway, 'other-mac-and-ip'],
    [own, gateway, other, victimIP, 9000, 'as-machine'],
    [host, gateway, other, victimIP, 9000, 'as-machine-with-mac'],
    ['0a:58:01:02:03:04', evilIP, host, gateway, atGateway, 'other-mac'],
    // As nobody of here.
    [own, '192.0.2.7', host, gateway, atGateway, 'stranger'],
  ].map((frame) => frame.join(','));
  const arps = [`arp,${own},${victimIP},${host},${gateway}`, `arp,${own},${gateway},${other},${victimIP}`];
  // What is true comes through: they would have been sent before it.
  const truth = [
    [own, evilIP, host, gateway, atGateway, 'truth'].join(','),
    [own, evilIP, other, victimIP, 9000, 'truth'].join(','),
  ];
  const spec = scriptContainer('evil', '', {
    command: ['perl', '-e', sending, ...frames, ...arps, ...truth],
    container: 'sends',
  });
  await driver.startContainer(spec);
  await ended(driver, spec.id);
  t.is(await logText(driver, spec.id), 'sent\n');
  await until(() => heard.length >= 3, { what: 'what is true to come' });
  await until(async () => (await logText(driver, hears.id)).includes('truth'), {
    what: 'it to come to the pod',
  });
  t.deepEqual([...new Set(heard)], [`truth from ${evilIP}`]);
  t.deepEqual(
    [...new Set((await logText(driver, hears.id)).split('\n'))],
    ['hears', `truth from ${evilIP}`, ''],
  );

  // The machine, and what serves instances of clouds, over TCP.
  const asks = ['127.0.0.1', gateway, '169.254.169.254'].map(
    (address) =>
      `perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(PeerAddr => "${address}", PeerPort => ${port}, Timeout => 1) ? 0 : 1)' && echo reached ${address}`,
  );
  const tcp = scriptContainer('evil', `${asks.join('\n')}\necho asked`, { container: 'asks' });
  await driver.startContainer(tcp);
  await ended(driver, tcp.id);
  t.is(await logText(driver, tcp.id), 'asked\n');
  t.false(heard.includes('loopback by TCP'));
  // Nobody believes that the victim lives elsewhere.
  const reaches = scriptContainer(
    'victim',
    `perl -e 'use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => "${gateway}:${atGateway}", Proto => "udp"); $s->send("victim")'`,
    { container: 'reaches' },
  );
  await driver.startContainer(reaches);
  await until(() => heard.includes(`victim from ${victimIP}`), { what: 'the victim to reach the machine' });
});
