import test from 'ava';
import fc from 'fast-check';
import { codeOf } from '../base/errors.ts';
import { branchRef, isBranchName, isRefName } from './ref-name.ts';

const cases: readonly { readonly name: string; readonly ok: boolean }[] = [
  { name: 'main', ok: true },
  { name: 'pintle/status', ok: true },
  { name: 'feature/ünï', ok: true },
  { name: 'a.b', ok: true },
  { name: 'refs/heads/x', ok: true },
  { name: '', ok: false },
  { name: '@', ok: false },
  { name: '-x', ok: false },
  { name: 'a/-x', ok: false },
  { name: '.x', ok: false },
  { name: 'a/.x', ok: false },
  { name: 'a..b', ok: false },
  { name: 'a.', ok: false },
  { name: 'a.lock', ok: false },
  { name: 'a.lock/b', ok: false },
  { name: 'a@{b', ok: false },
  { name: '/a', ok: false },
  { name: 'a/', ok: false },
  { name: 'a//b', ok: false },
  { name: 'a b', ok: false },
  { name: 'a\nb', ok: false },
  { name: 'a\0b', ok: false },
  { name: 'a~b', ok: false },
  { name: 'a^b', ok: false },
  { name: 'a:b', ok: false },
  { name: 'a?b', ok: false },
  { name: 'a*b', ok: false },
  { name: 'a[b', ok: false },
  { name: 'a\\b', ok: false },
  { name: 'x'.repeat(300), ok: false },
];

for (const { name, ok } of cases) {
  test(`${JSON.stringify(name.slice(0, 40))} is ${ok ? 'a' : 'no'} reference name`, (t) => {
    t.is(isRefName(name), ok);
  });
}

test('HEAD is no branch', (t) => {
  t.false(isBranchName('HEAD'));
});

test('a branch has one full reference, however it is given', (t) => {
  t.is(branchRef('main'), 'refs/heads/main');
  t.is(branchRef('refs/heads/main'), 'refs/heads/main');
  t.is(codeOf(t.throws(() => branchRef('refs/heads/'))), 'INVALID_REF_NAME');
});

test('property: a name that is taken is never an option, a way out of a directory, or two words', (t) => {
  const property = fc.property(fc.string({ unit: fc.constantFrom(...'ab./-@{~ ^:\\') }), (name) => {
    if (!isRefName(name)) return;
    t.false(name.startsWith('-') || name.includes('..') || name.startsWith('/') || /\s/.test(name));
  });
  t.notThrows(() => fc.assert(property));
});
