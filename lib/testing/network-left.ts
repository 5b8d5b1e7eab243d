import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { toolEnvironment } from '../base/run-program.ts';

/**
 * What is on the machine that begins with the name of a bridge, or is a port of it: links, namespaces, tables, routes. Looked at from
 * outside. Nothing, when the bridge has become that of another data directory meanwhile.
 */
export function networkLeft(bridge: string, dataDirectory: string): readonly string[] {
  let left: readonly string[] = [];
  // Others come and go meanwhile: what is ours is there each time.
  for (let look = 0; look < 3; look += 1) {
    left = lookFor(bridge);
    const owner = ip('-o', '-d', 'link', 'show')
      .split('\n')
      .find((line) => line.includes(` ${bridge}: `));
    if (owner !== undefined && !owner.includes(`pintle ${dataDirectory}`)) return [];
    if (left.length === 0) return [];
  }
  return left;
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

function lookFor(bridge: string): readonly string[] {
  const ports = bridge.replace('pintle', 'pt');
  const links = ip('-o', 'link', 'show')
    .split('\n')
    .map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? '')
    .filter((name) => name === bridge || name.startsWith(`${ports}-`));
  const namespaces = existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((name) => name.startsWith(`${bridge}-`))
    : [];
  const tables = listTables().filter((name) => name.startsWith(`${bridge}_`));
  const routes = ip('route', 'show', 'table', 'all')
    .split('\n')
    .filter((route) => route.split(' ').includes(bridge));
  return [...links, ...namespaces, ...tables, ...routes];
}

function listTables(): readonly string[] {
  try {
    return execFileSync('nft', ['list', 'tables'], { encoding: 'utf8', env: toolEnvironment() })
      .split('\n')
      .map((line) => line.split(' ')[2] ?? '');
  } catch {
    return [];
  }
}
