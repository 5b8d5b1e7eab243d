import test from 'ava';
import { keptClients } from './kept-clients.ts';
import type { ServiceRules } from './service-rules.ts';

const rules: ServiceRules = {
  sets: new Map([['clients_a', '']]),
  chains: new Map(),
  places: new Map(),
  hairpins: new Set(),
};
const listed = (name: string, ...elem: readonly unknown[]): string =>
  JSON.stringify({ nftables: [{ metainfo: {} }, { table: {} }, { set: { name, elem } }] });
const client = (val: unknown, expires: unknown) => ({ elem: { val, timeout: 60, expires } });

const CASES: Record<string, { readonly text: string; readonly kept: string }> = {
  'a client stays for as long as it has left': {
    text: listed('clients_a', client('192.0.2.7', 42)),
    kept: 'add element ip pintle7_services clients_a { 192.0.2.7 expires 42s }\n',
  },
  'that of a backend which is gone does not': {
    text: listed('clients_b', client('192.0.2.7', 42)),
    kept: '',
  },
  'who has nothing left does not': { text: listed('clients_a', client('192.0.2.7', 0)), kept: '' },
  'what is no client is passed over': {
    text: listed('clients_a', 'x', client('x; flush ruleset', 1), client('192.0.2.7', '1s; flush ruleset')),
    kept: '',
  },
  'what cannot be read holds nobody': { text: '{', kept: '' },
};

for (const [title, { text, kept }] of Object.entries(CASES))
  test(`kept clients: ${title}`, (t) => t.is(keptClients(text, rules, { bridge: 'pintle7' }), kept));
