import test from 'ava';
import fc from 'fast-check';
import { planInputOf } from '../../../testing/launch-plan.ts';
import type { ContainerSecurity } from '../../container-security.ts';
import { containerUser } from './container-user.ts';

const passwd = `root:x:0:0:root:/root:/bin/sh
app:x:1000:1001:App:/home/app:/bin/sh
broken line
huge:x:99999999999:1::/:
nohome:x:1002:1002:::
`;
const group = `root:x:0:
app:x:1001:
audio:x:29:other,app
video:x:44:app
`;
const securityOf = (more: Partial<ContainerSecurity>): ContainerSecurity => {
  const { security } = planInputOf({ security: more }).spec;
  if (security === undefined) throw new Error('it has none');
  return security;
};

const rows: readonly {
  readonly title: string;
  readonly security?: Partial<ContainerSecurity>;
  readonly image?: string;
  readonly files?: { readonly passwd: string; readonly group: string };
  readonly user: Readonly<Record<string, unknown>>;
}[] = [
  { title: 'nobody says: root', user: { uid: 0, gid: 0, groups: [0], home: '/root' } },
  {
    title: 'nobody says and there are no files: root',
    files: { passwd: '', group: '' },
    user: { uid: 0, gid: 0, home: '/' },
  },
  {
    title: 'the image’s name, with its group and those it is a member of',
    image: 'app',
    user: { uid: 1000, gid: 1001, groups: [1001, 29, 44], home: '/home/app' },
  },
  {
    title: 'the image’s number that has a name',
    image: '1000',
    user: { uid: 1000, gid: 1001, groups: [1001, 29, 44] },
  },
  {
    title: 'the image’s number that has none: group 0',
    image: '4242',
    user: { uid: 4242, gid: 0, groups: [0], home: '/' },
  },
  { title: 'the image’s group by name', image: 'app:video', user: { uid: 1000, gid: 44, groups: [44, 29] } },
  { title: 'the image’s group by number', image: '7:8', user: { uid: 7, gid: 8 } },
  {
    title: 'runAsUser over the image’s, and the image’s group with it',
    image: '7:8',
    security: { runAsUser: 5 },
    user: { uid: 5, gid: 0 },
  },
  {
    title: 'runAsUser 0 over the image’s user',
    image: 'app',
    security: { runAsUser: 0 },
    user: { uid: 0, gid: 0 },
  },
  {
    title: 'runAsGroup with the image’s user',
    image: 'app:video',
    security: { runAsGroup: 9 },
    user: { uid: 1000, gid: 9, groups: [9, 29, 44] },
  },
  {
    title: 'the pod’s groups come last, each once',
    image: 'app',
    security: { supplementalGroups: [44, 5] },
    user: { groups: [1001, 29, 44, 5] },
  },
  {
    title: 'Strict: only the pod’s groups',
    image: 'app',
    security: { supplementalGroups: [5], supplementalGroupsPolicy: 'Strict' },
    user: { groups: [1001, 5] },
  },
  { title: 'an account without a home', image: 'nohome', user: { uid: 1002, home: '/' } },
];
for (const { title, security = {}, image = '', files = { passwd, group }, user } of rows) {
  test(`user: ${title}`, (t) => {
    const verdict = containerUser(securityOf(security), image, files);
    t.true(verdict.ok);
    if (verdict.ok) t.like(verdict.user, user);
  });
}

for (const { title, security = {}, image = '', reason, said } of [
  {
    title: 'a name that the image does not know',
    image: 'ghost',
    reason: 'CreateContainerError',
    said: /ghost/,
  },
  {
    title: 'a group that the image does not know',
    image: 'app:ghosts',
    reason: 'CreateContainerError',
    said: /ghosts/,
  },
  {
    title: 'a number that is no id',
    image: '99999999999',
    reason: 'CreateContainerError',
    said: /99999999999/,
  },
  {
    title: 'not root, and runAsUser 0',
    security: { runAsNonRoot: true, runAsUser: 0 },
    reason: 'CreateContainerConfigError',
    said: /breaks non-root policy/,
  },
  {
    title: 'not root, and an image that says nothing',
    security: { runAsNonRoot: true },
    reason: 'CreateContainerConfigError',
    said: /image will run as root/,
  },
  {
    title: 'not root, and an image of user 0',
    security: { runAsNonRoot: true },
    image: '0:5',
    reason: 'CreateContainerConfigError',
    said: /image will run as root/,
  },
  {
    title: 'not root, and an image of a name, which may be anybody',
    security: { runAsNonRoot: true },
    image: 'app',
    reason: 'CreateContainerConfigError',
    said: /non-numeric user \(app\)/,
  },
] as const) {
  test(`user: refused: ${title}`, (t) => {
    const verdict = containerUser(securityOf(security), image, { passwd, group });
    t.false(verdict.ok);
    if (verdict.ok) return;
    t.is(verdict.refusal.reason, reason);
    t.regex(verdict.refusal.message, said);
  });
}

test('user: not root, and a number that is not: runs', (t) => {
  t.true(containerUser(securityOf({ runAsNonRoot: true }), '1000', { passwd, group }).ok);
  t.true(containerUser(securityOf({ runAsNonRoot: true, runAsUser: 1 }), 'root', { passwd, group }).ok);
});

test('user: whatever an image holds, runAsNonRoot never gives root, and ids are ids', (t) => {
  const text = fc.string({ maxLength: 200 });
  const field = fc.constantFrom(
    'root',
    'a',
    '0',
    '00',
    '1',
    '-1',
    '1e3',
    '',
    ' 0',
    '4294967295',
    '4294967294',
  );
  const line = fc.array(field, { maxLength: 7 }).map((parts) => parts.join(':'));
  const file = fc.oneof(
    text,
    fc.array(line).map((lines) => lines.join('\n')),
  );
  const imageUser = fc.oneof(
    text,
    fc.tuple(field, field).map((parts) => parts.join(':')),
    field,
  );
  fc.assert(
    fc.property(file, file, imageUser, fc.boolean(), (accounts, groups, image, runAsNonRoot) => {
      const verdict = containerUser(securityOf({ runAsNonRoot }), image, { passwd: accounts, group: groups });
      if (!verdict.ok) return;
      const { uid, gid, groups: all, home } = verdict.user;
      if (runAsNonRoot) t.not(uid, 0);
      for (const id of [uid, gid, ...all]) t.true(Number.isInteger(id) && id >= 0 && id <= 2 ** 32 - 2);
      t.true(home.startsWith('/') && all.includes(gid));
    }),
  );
});
