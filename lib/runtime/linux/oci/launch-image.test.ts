import test from 'ava';
import { launchArgv, launchEnv } from './launch-image.ts';

const image = { entrypoint: ['/entry', '-e'], cmd: ['cmd'] };

// Source: Kubernetes documentation, the table of command and args against ENTRYPOINT and CMD.
for (const { title, command, args, argv } of [
  { title: 'neither: the image’s both', command: [], args: [], argv: ['/entry', '-e', 'cmd'] },
  { title: 'command: it alone', command: ['c'], args: [], argv: ['c'] },
  { title: 'args: after the image’s entrypoint', command: [], args: ['a'], argv: ['/entry', '-e', 'a'] },
  { title: 'both: the container’s both', command: ['c'], args: ['a'], argv: ['c', 'a'] },
]) {
  test(`what is run: ${title}`, (t) => {
    t.deepEqual(launchArgv(image, { command, args }), argv);
  });
}

test('the environment: the container’s over the image’s over what every container has', (t) => {
  const given = { hostname: 'web-0', home: '/root', tty: true };
  const env = new Map(
    launchEnv(
      {
        env: [
          ['HOME', '/srv'],
          ['A', 'image'],
        ],
      },
      [
        { name: 'A', value: 'own' },
        { name: 'TERM', value: 'dumb' },
      ],
      given,
    ),
  );
  t.is(env.get('HOSTNAME'), 'web-0');
  t.is(env.get('HOME'), '/srv');
  t.is(env.get('A'), 'own');
  t.is(env.get('TERM'), 'dumb');
  t.regex(env.get('PATH') ?? '', /\/usr\/local\/sbin/);
  t.false(new Map(launchEnv({ env: [] }, [], { ...given, tty: false })).has('TERM'));
});
