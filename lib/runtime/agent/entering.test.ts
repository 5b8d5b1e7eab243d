import test from 'ava';
import { entering, quote } from './entering.ts';
import type { LaunchSpec } from './launch-spec.ts';

const spec: LaunchSpec = {
  id: 'pod.main.0',
  argv: ['/bin/true', 'an argument'],
  env: [],
  cwd: '/srv',
  user: 1000,
  makeDirectories: [],
  stdin: false,
  stdinOnce: false,
  tty: false,
};

const tools = {
  envProgram: '/usr/bin/env',
  changeUser: { kind: 'setpriv', path: '/usr/bin/setpriv' },
} as const;

for (const { title, env, needsNode } of [
  { title: 'a name that sh can export', env: [['PASSWORD', 'hunter2']], needsNode: false },
  { title: 'a name with dots', env: [['tls.key', 'hunter2']], needsNode: true },
  {
    title: 'a name that only begins like one of sh’s own',
    env: [['MAIL_PASSWORD', 'hunter2']],
    needsNode: false,
  },
  { title: 'a preloaded library', env: [['LD_PRELOAD', '/hunter2.so']], needsNode: false },
] as const) {
  test(`${title} is no argument and takes effect behind the change of user`, (t) => {
    const how = entering({ ...spec, env }, tools);
    t.is(how.needsNode, needsNode);
    t.true(how.input.includes('hunter2'));
    t.false(how.argv.join(' ').includes('hunter2'));
    t.false(how.input.includes(tools.envProgram));
  });
}

test('variables of sh’s own go through env', (t) => {
  const { input } = entering({ ...spec, env: [['IFS', 'x']] }, tools);
  t.true(input.includes(`exec '/usr/bin/env' 'IFS=x' '/bin/true' 'an argument'`));
});

test('the manifest does not choose whose process it is', (t) => {
  const forged = [['PINTLE_CONTAINER', 'forged']] as const;
  t.false(entering({ ...spec, env: forged }, tools).input.includes('forged'));
  t.false(entering({ ...spec, env: [...forged, ['a.b', 'c']] }, tools).input.includes('forged'));
});

test('text is quoted for sh', (t) => {
  t.is(quote(`it's $HOME`), `'it'\\''s $HOME'`);
});
