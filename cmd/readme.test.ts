import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { manifestRules } from '../lib/manifests/manifest-rules.ts';
import { builtinSchema } from '../lib/schema/builtin-schema.ts';
import { processIo } from './command-io.ts';
import { commandLine } from './pintle.ts';

/** `GOLDEN=write` writes the generated parts of the README anew. */
const path = join(import.meta.dirname, '..', 'README.md');

function rulesTable(): string {
  const rows = Object.entries(manifestRules).map(([id, what]) => `| \`${id}\` | ${what} |`);
  return ['| rule | what it finds |', '|---|---|', ...rows].join('\n');
}

function commandsText(): string {
  const program = commandLine(processIo(), () => {});
  // A command that has commands is nothing by itself.
  const named = program.commands.flatMap((command) =>
    command.commands.length === 0
      ? [{ command, name: command.name() }]
      : command.commands.map((part) => ({ command: part, name: `${command.name()} ${part.name()}` })),
  );
  return named
    .map(({ command, name: called }) => {
      const words = command.registeredArguments.map((argument) => {
        const name = argument.variadic ? `${argument.name()}...` : argument.name();
        return argument.required ? `<${name}>` : `[${name}]`;
      });
      const head = `**\`${['pintle', called, ...words].join(' ')}\`** ${command.description()}`;
      const options = command.options.map(({ flags, description, defaultValue, argChoices }) => {
        const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
        const usual =
          typeof defaultValue === 'string' && defaultValue !== '' ? ` (default ${defaultValue})` : '';
        return `| \`${flags.replaceAll('|', ' or ')}\` | ${description}${choices}${usual} |`;
      });
      return options.length === 0 ? head : [head, '', '| flag | |', '|---|---|', ...options].join('\n');
    })
    .join('\n\n');
}

/** Kinds that something acts on, and that a repository may hold. */
function kindsText(): string {
  const kinds = builtinSchema().kinds.filter(({ runs, group }) => runs && group !== 'pintle.dev');
  return `${kinds.map(({ kind }) => kind).join(', ')}.`;
}

const parts: Readonly<Record<string, () => string>> = {
  commands: commandsText,
  kinds: kindsText,
  rules: rulesTable,
};

for (const [name, text] of Object.entries(parts)) {
  test(`the README's ${name} are the program's`, (t) => {
    const readme = readFileSync(path, 'utf8');
    const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const start = readme.indexOf(open) + open.length;
    const end = readme.indexOf(close);
    t.true(start >= open.length && end >= start);
    const wanted = `${text()}\n`;
    if (process.env.GOLDEN === 'write')
      writeFileSync(path, readme.slice(0, start) + wanted + readme.slice(end));
    else t.is(readme.slice(start, end), wanted);
  });
}
