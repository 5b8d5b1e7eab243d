import type { PodHosts } from '../driver.ts';

/** What every machine's own file says. Source: the addresses of RFC 4291, in the form of hosts(5). */
const LOCAL: readonly (readonly [string, string])[] = [
  ['127.0.0.1', 'localhost'],
  ['::1', 'localhost ip6-localhost ip6-loopback'],
  ['fe00::0', 'ip6-localnet'],
  ['fe00::0', 'ip6-mcastprefix'],
  ['fe00::1', 'ip6-allnodes'],
  ['fe00::2', 'ip6-allrouters'],
];

/**
 * The pod's /etc/hosts: its own names at its address, then its hostAliases. In the machine's network the machine's own file
 * stands first and the pod has no line. Source: kubelet, managed hosts files.
 * @param machineHosts  the machine's own file, for pods in its network
 */
export function hostsFile(
  hosts: PodHosts,
  at: { readonly podIP: string } | { readonly machineHosts: string },
): string {
  const lines =
    'machineHosts' in at
      ? [at.machineHosts.replace(/\n$/, '')]
      : [
          ...LOCAL.map(([ip, names]) => `${ip}\t${names}`),
          [at.podIP, ...(hosts.fqdn === null ? [] : [hosts.fqdn]), hosts.hostname].join('\t'),
        ];
  const aliases = hosts.aliases.flatMap(({ ip, hostnames }) => {
    const names = hostnames.filter(isWord);
    return isWord(ip) && names.length > 0 ? [[ip, ...names].join('\t')] : [];
  });
  const told = aliases.length === 0 ? [] : ['', '# hostAliases of the pod.', ...aliases];
  return `${['# Written by Pintle for this pod.', ...lines, ...told].join('\n')}\n`;
}

const isWord = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);
