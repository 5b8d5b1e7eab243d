import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxSpec } from '../driver.ts';
import { hostsFile } from '../pod/hosts-file.ts';
import { linuxLayout } from './linux-layout.ts';

/** The files of /etc that a pod's containers share: its own names and how it finds others. */
export function writePodEtc(root: string, spec: SandboxSpec, podIP: string): void {
  const { etc } = linuxLayout(root, spec.podUid);
  const hosts = spec.hosts ?? { hostname: spec.hostname, fqdn: null, aliases: [] };
  const at = spec.hostNetwork === true ? { machineHosts: textOf('/etc/hosts') } : { podIP };
  const files = {
    hosts: hostsFile(hosts, at),
    'resolv.conf': spec.resolvConf ?? textOf('/etc/resolv.conf'),
    hostname: `${spec.hostname}\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(etc, name), text, { mode: 0o644 });
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
