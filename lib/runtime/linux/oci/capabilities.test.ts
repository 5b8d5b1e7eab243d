import test from 'ava';
import fc from 'fast-check';
import {
  CAPABILITIES,
  capabilitiesOfMask,
  containerCapabilities,
  DEFAULT_CAPABILITIES,
} from './capabilities.ts';

const of = (add: readonly string[], drop: readonly string[], privileged = false): readonly string[] => {
  const verdict = containerCapabilities({ add, drop, privileged });
  if (!verdict.ok) throw new Error(verdict.message);
  return verdict.value;
};
const DEFAULT = CAPABILITIES.filter((name) => DEFAULT_CAPABILITIES.has(name));

const rows: readonly {
  readonly title: string;
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  readonly expected: readonly string[];
}[] = [
  { title: 'nothing asked: the default', expected: DEFAULT },
  { title: 'all dropped: none', drop: ['ALL'], expected: [] },
  {
    title: 'all dropped and one added: that one',
    drop: ['all'],
    add: ['net_bind_service'],
    expected: ['CAP_NET_BIND_SERVICE'],
  },
  { title: 'all added: all there are', add: ['ALL'], expected: CAPABILITIES },
  {
    title: 'all added but one',
    add: ['ALL'],
    drop: ['SYS_ADMIN'],
    expected: CAPABILITIES.filter((one) => one !== 'CAP_SYS_ADMIN'),
  },
  { title: 'all added and all dropped: none', add: ['ALL'], drop: ['ALL'], expected: [] },
  {
    title: 'with the prefix or without',
    add: ['CAP_SYS_TIME'],
    expected: CAPABILITIES.filter((one) => DEFAULT_CAPABILITIES.has(one) || one === 'CAP_SYS_TIME'),
  },
  {
    title: 'what is both added and dropped is dropped',
    add: ['KILL'],
    drop: ['KILL'],
    expected: DEFAULT.filter((one) => one !== 'CAP_KILL'),
  },
];
for (const { title, add = [], drop = [], expected } of rows) {
  test(`capabilities: ${title}`, (t) => {
    t.deepEqual(of(add, drop), expected);
  });
}

test('capabilities: a privileged container has all, whatever it drops', (t) => {
  t.deepEqual(of([], ['ALL'], true), CAPABILITIES);
});

test('capabilities: one that there is not is told of by its name', (t) => {
  const verdict = containerCapabilities({ add: ['FLY'], drop: [], privileged: false });
  t.regex(verdict.ok ? '' : verdict.message, /CAP_FLY/);
  t.false(containerCapabilities({ add: [], drop: ['__proto__'], privileged: false }).ok);
});

test('capabilities: a mask is read as the kernel writes it', (t) => {
  t.deepEqual(capabilitiesOfMask('00000000a80425fb'), DEFAULT);
  t.is(capabilitiesOfMask('000001ffffffffff').length, 41);
  t.deepEqual(capabilitiesOfMask('not a mask'), []);
});

test('capabilities: nobody has what was not default and not added, nor what was dropped by name', (t) => {
  const names = fc.subarray([...CAPABILITIES, 'ALL']);
  fc.assert(
    fc.property(names, names, (add, drop) => {
      const got = of(add, drop);
      t.false(got.some((name) => drop.includes(name)));
      t.true(
        got.every((name) => add.includes('ALL') || add.includes(name) || DEFAULT_CAPABILITIES.has(name)),
      );
      t.deepEqual(
        got,
        CAPABILITIES.filter((name) => got.includes(name)),
      );
    }),
  );
});
