import { isIPv4 } from 'node:net';
import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { type ServiceRules, serviceTableOf } from './service-rules.ts';

/**
 * From what `nft --json list table` prints, the clients that keep a backend, as commands that add them to the same sets of `rules`, for as
 * long as they have left. Those of sets that are no more are left out.
 */
export function keptClients(
  text: string,
  rules: ServiceRules,
  machine: Parameters<typeof serviceTableOf>[0],
): string {
  const lines: string[] = [];
  for (const { name, clients } of setsOf(text)) {
    if (!rules.sets.has(name)) continue;
    for (const { address, seconds } of clients) {
      if (lines.length >= limits.clientsKeptMax) break;
      lines.push(`add element ip ${serviceTableOf(machine)} ${name} { ${address} expires ${seconds}s }\n`);
    }
  }
  return lines.join('');
}

type Client = { readonly address: string; readonly seconds: number };

function setsOf(text: string): readonly { readonly name: string; readonly clients: readonly Client[] }[] {
  let listed: JsonValue;
  try {
    listed = JSON.parse(text) as JsonValue;
  } catch {
    return [];
  }
  const all = isObject(listed) && isArray(listed.nftables) ? listed.nftables : [];
  return all.flatMap((one) => {
    const set = isObject(one) ? one.set : undefined;
    if (!isObject(set) || typeof set.name !== 'string' || !isArray(set.elem)) return [];
    return [{ name: set.name, clients: set.elem.flatMap(clientOf) }];
  });
}

function clientOf(value: JsonValue): readonly Client[] {
  const elem = isObject(value) ? value.elem : undefined;
  if (!isObject(elem) || typeof elem.val !== 'string' || !isIPv4(elem.val)) return [];
  const seconds = Number(elem.expires);
  return Number.isSafeInteger(seconds) && seconds > 0 ? [{ address: elem.val, seconds }] : [];
}
