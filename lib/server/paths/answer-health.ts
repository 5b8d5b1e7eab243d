import type { Client } from '../../api/client.ts';
import type { Exchange } from '../exchange.ts';
import { writeText } from '../wire/write-response.ts';

type Check = { readonly name: string; readonly passes: (client: Client) => Promise<boolean> };

/** Who serves can also read what it serves. */
const CHECKS: readonly Check[] = [
  { name: 'ping', passes: () => Promise.resolve(true) },
  {
    name: 'store',
    passes: (client) =>
      client
        .list({ group: '', kind: 'Namespace' }, { limit: 1 }, { user: 'system:apiserver', fieldManager: '' })
        .then(
          () => true,
          () => false,
        ),
  },
];

const PATH = /^\/(healthz|livez|readyz)(?:\/([a-z-]+))?\/?$/;

/**
 * `/healthz`, `/livez`, `/readyz`, or one check of theirs (`/readyz/ping`); with `verbose` a line for each, without those of
 * `exclude`. False: the path is none of these. Source: apiserver healthz; what fails is not told why.
 */
export async function answerHealth({ deps, query, response }: Exchange, path: string): Promise<boolean> {
  const [, probe = '', only] = PATH.exec(path) ?? [];
  if (probe === '' || (only !== undefined && CHECKS.every(({ name }) => name !== only))) return false;
  const excluded = new Set(query.getAll('exclude'));
  const lines: string[] = [];
  let sound = true;
  for (const { name, passes } of CHECKS) {
    if (only !== undefined && name !== only) continue;
    if (excluded.delete(name)) {
      lines.push(`[+]${name} excluded: ok`);
      continue;
    }
    const passed = await passes(deps.client);
    sound &&= passed;
    lines.push(passed ? `[+]${name} ok` : `[-]${name} failed: reason withheld`);
  }
  if (excluded.size > 0) {
    const names = [...excluded].map((name) => JSON.stringify(name)).join(', ');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  if (sound && !query.has('verbose')) writeText(response, 200, 'ok');
  else
    writeText(
      response,
      sound ? 200 : 500,
      `${lines.join('\n')}\n${probe} check ${sound ? 'passed' : 'failed'}\n`,
    );
  return true;
}
