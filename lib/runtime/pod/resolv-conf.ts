import type { Pod } from '../../schema/types.gen.ts';
import type { NodeDns } from '../node/node-settings.ts';

type Resolver = {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
};

/** Source: the limits of resolvers, as Kubernetes' validation and kubelet's dns configurer have them. */
const SERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_CHARS_MAX = 2048;

/** A name with fewer dots is tried in the search domains first. Source: kubelet, defaultDNSOptions. */
const CLUSTER_OPTIONS = ['ndots:5'];

/**
 * The pod's /etc/resolv.conf, by its dnsPolicy and dnsConfig. Where the cluster has no name server of its own, the machine's are
 * used. Source: kubelet GetPodDNS.
 */
export function resolvConf(
  { metadata, spec }: Pod,
  dns: Omit<NodeDns, 'hostResolvConf'>,
  machine: string,
): string {
  const ofMachine = parseResolvConf(machine);
  const namespace = metadata.namespace ?? 'default';
  const base = baseOf(policyOf(spec), { dns, ofMachine, namespace });
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {};
  const own = options.flatMap(({ name, value }) =>
    name === undefined || name === ''
      ? []
      : [value === undefined || value === '' ? name : `${name}:${value}`],
  );
  return textOf({
    servers: unique([...base.servers, ...nameservers]).slice(0, SERVERS_MAX),
    searches: within(unique([...base.searches, ...searches])),
    options: mergeOptions(base.options, own),
  });
}

type Policy = 'cluster' | 'machine' | 'none';

function policyOf({ dnsPolicy, hostNetwork }: Pod['spec']): Policy {
  if (dnsPolicy === 'None') return 'none';
  if (dnsPolicy === 'Default') return 'machine';
  if (dnsPolicy === 'ClusterFirstWithHostNet') return 'cluster';
  return hostNetwork === true ? 'machine' : 'cluster';
}

function baseOf(
  policy: Policy,
  from: {
    readonly dns: Omit<NodeDns, 'hostResolvConf'>;
    readonly ofMachine: Resolver;
    readonly namespace: string;
  },
): Resolver {
  const { dns, ofMachine, namespace } = from;
  if (policy === 'none') return { servers: [], searches: [], options: [] };
  if (policy === 'machine' || dns.servers.length === 0) return ofMachine;
  const domain = dns.clusterDomain;
  return {
    servers: dns.servers,
    searches: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...ofMachine.searches],
    options: CLUSTER_OPTIONS,
  };
}

/** Lines as resolv.conf(5) has them; what is not known there is left out. The last `search` counts. */
export function parseResolvConf(text: string): Resolver {
  const servers: string[] = [];
  let searches: readonly string[] = [];
  let options: readonly string[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*[#;]/.test(line)) continue;
    const [word, ...rest] = line.split(/\s+/).filter((part) => part !== '');
    if (word === 'nameserver' && rest[0] !== undefined) servers.push(rest[0]);
    else if (word === 'search')
      searches = rest.map((name) => (name === '.' ? name : name.replace(/\.$/, '')));
    else if (word === 'domain') searches = searches.length === 0 ? rest.slice(0, 1) : searches;
    else if (word === 'options') options = mergeOptions(options, rest);
  }
  return { servers: servers.slice(0, SERVERS_MAX), searches: within(unique(searches)), options };
}

/** By name: the later wins, in the place of the first. */
function mergeOptions(base: readonly string[], over: readonly string[]): readonly string[] {
  const merged = new Map<string, string>();
  for (const option of [...base, ...over]) merged.set(option.split(':')[0] ?? option, option);
  return [...merged.values()];
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

/** As many from the front as resolvers take. */
function within(searches: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let chars = 0;
  for (const search of searches.slice(0, SEARCHES_MAX)) {
    chars += search.length + (kept.length === 0 ? 0 : 1);
    if (chars > SEARCH_CHARS_MAX) break;
    kept.push(search);
  }
  return kept;
}

/** One word of the file: what holds a space or a newline would be read as something else. */
const isWord = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

function textOf({ servers, searches, options }: Resolver): string {
  const lines = [
    ...(searches.some(isWord) ? [`search ${searches.filter(isWord).join(' ')}`] : []),
    ...servers.filter(isWord).map((server) => `nameserver ${server}`),
    ...(options.some(isWord) ? [`options ${options.filter(isWord).join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
