import test from 'ava';
import fc from 'fast-check';
import { type LocalhostProfile, seccompOf } from './seccomp-choice.ts';

const machine = { architecture: 'x64', capabilities: [] } as const;
const local = (text: string | null, localhostProfile = 'a/b.json') =>
  seccompOf(
    { type: 'Localhost', localhostProfile },
    { ...machine, localhost: { text, directory: '/profiles' } },
  );

test('unconfined is no filter; the default is one', (t) => {
  t.deepEqual(seccompOf({ type: 'Unconfined' }, { ...machine, localhost: null }), { ok: true, value: null });
  const made = seccompOf({ type: 'RuntimeDefault' }, { ...machine, localhost: null });
  t.true(made.ok && made.value !== null);
});

test('a profile of the owner’s is taken as it is', (t) => {
  const rule = {
    names: ['mkdir'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: 28,
    args: [{ index: 1, value: 2, op: 'SCMP_CMP_EQ' }],
  };
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls: [rule] };
  t.deepEqual(local(JSON.stringify(profile)), { ok: true, value: profile });
});

for (const { title, text, path } of [
  { title: 'that is not there', text: null },
  { title: 'that is not JSON', text: 'x' },
  { title: 'without a default', text: '{}' },
  { title: 'with a rule that is none', text: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[]}]}' },
  {
    title: 'with conditions of a kind that is not known',
    text: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","includes":{"moon":["full"]}}]}',
  },
  {
    title: 'that notifies somebody',
    text: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_NOTIFY"}]}',
  },
  {
    title: 'with an argument that is none',
    text: '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{}]}]}',
  },
  { title: 'whose path leaves the directory', text: '{"defaultAction":"SCMP_ACT_ALLOW"}', path: '../a.json' },
  { title: 'whose path is absolute', text: '{"defaultAction":"SCMP_ACT_ALLOW"}', path: '/etc/a.json' },
]) {
  test(`a profile ${title} is refused, and the message names it`, (t) => {
    const verdict = local(text, path);
    t.regex(verdict.ok ? '' : verdict.message, new RegExp((path ?? 'a/b.json').replaceAll('.', '\\.')));
  });
}

test('a machine without a directory of profiles says so', (t) => {
  const localhost: LocalhostProfile | null = null;
  t.false(seccompOf({ type: 'Localhost', localhostProfile: 'a.json' }, { ...machine, localhost }).ok);
});

test('whatever a file holds, it is a profile or refused', (t) => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => t.is(typeof local(text).ok, 'boolean')));
});
