import { resolve } from 'node:path';
import type { Stage } from './stage.ts';

/** What the demonstration proposes to change: each `edit` is a shell command in the example's repository. */
export const proposals = [
  {
    title: 'change: five web pods instead of three',
    edit: "sed -i 's/replicas: 3/replicas: 5/' shop/web.yaml",
    message: 'Five',
  },
  {
    title: 'break: the new pods crash, the old ones serve on; after 30 s it is taken back to what was good',
    edit: "sed -i 's/web.mjs]/no-such.mjs]/' shop/web.yaml",
    message: 'Break',
  },
] as const;

type Try = readonly [title: string, command: string];

/** What to try next, as commands for another terminal. */
export function whatToTry(stage: Stage, options: { readonly branch: string; readonly cwd: string }): string {
  const root = resolve(import.meta.dirname, '..');
  const status: Try = [
    'how everything is',
    `npm --prefix ${quoted(root)} run -s pintle -- status --data ${quoted(stage.dataDirectory)}`,
  ];
  const kubectl: Try = ['kubectl', `kubectl --kubeconfig ${quoted(stage.kubeconfig)} get pods -A`];
  const { example, repository } = stage;
  if (example === null) {
    const tries = [...writtenBack(repository, options.cwd), status, kubectl];
    return `Commit to ${options.branch} and watch here. In another terminal:\n\n${listed(tries)}`;
  }
  const tries: readonly Try[] = [
    ['the shop', `curl http://localhost:${example.shopPort}/`],
    ...proposals.map(
      ({ title, edit, message }): Try => [title, `${edit} && git commit -qam ${message} && git push -q`],
    ),
    ['revert', 'git revert --no-edit HEAD && git push -q'],
    ['what is written back', 'git fetch -q && git show origin/pintle/status:README.md'],
    status,
    kubectl,
  ];
  return `Try, in another terminal:\n\n  cd ${quoted(example.clone)}\n\n${listed(tries)}`;
}

/** The status branch of a repository on this machine; a remote one is read wherever the user has it. */
function writtenBack(repository: string, cwd: string): readonly Try[] {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repository)) return [];
  return [
    ['what is written back', `git -C ${quoted(resolve(cwd, repository))} show pintle/status:README.md`],
  ];
}

function listed(tries: readonly Try[]): string {
  return tries.map(([title, command]) => `  # ${title}\n  ${command}\n`).join('\n');
}

function quoted(path: string): string {
  return /^[\w./:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
