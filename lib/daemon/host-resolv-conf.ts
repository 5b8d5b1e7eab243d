import { readFileSync } from 'node:fs';

/** The machine's own, and what systemd-resolved keeps beside it when that leads to itself. */
const PATHS = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'] as const;

/** The machine's resolv.conf as pods can use it; '' when it has none. */
export function hostResolvConf(): string {
  return resolvConfForPods(PATHS.map(textOf));
}

/** The first that names a server a pod can reach, without those that it cannot: the machine's loopback is not a pod's. */
export function resolvConfForPods(texts: readonly string[]): string {
  const cut = texts.map((text) =>
    text
      .split('\n')
      .filter((line) => !/^\s*nameserver\s+(127\.|::1\b)/.test(line))
      .join('\n'),
  );
  return cut.find((text) => /^\s*nameserver\s/m.test(text)) ?? cut[0] ?? '';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
