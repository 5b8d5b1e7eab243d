import test from 'ava';
import { limits } from '../../base/limits.ts';
import { type PortPlanInput, planPorts, SPARE_PORTS } from './plan-ports.ts';

const input = (more: Partial<PortPlanInput>): PortPlanInput => ({
  wanted: [{ port: 8080, protocol: 'TCP' }],
  taken: new Set(),
  firstUnprivileged: 1024,
  spareFrom: 0,
  isFree: async () => true,
  ...more,
});
const { first, last } = SPARE_PORTS;

type Case = {
  readonly given: Partial<PortPlanInput>;
  readonly expected: readonly (readonly [number, number])[];
};
const cases: Readonly<Record<string, Case>> = {
  'a port that nobody wants is had as it is': { given: {}, expected: [[8080, 8080]] },
  'one that another sandbox wants is not': { given: { taken: new Set([8080]) }, expected: [[8080, first]] },
  'nor one that is in use': {
    given: { isFree: async (port) => port !== 8080 && port !== first },
    expected: [[8080, first + 1]],
  },
  'nor one that needs privileges': {
    given: { wanted: [{ port: 80, protocol: 'TCP' }] },
    expected: [[80, first]],
  },
  'root may have those': {
    given: { wanted: [{ port: 80, protocol: 'TCP' }], firstUnprivileged: 0 },
    expected: [[80, 80]],
  },
  'two ports get two': {
    given: {
      wanted: [
        { port: 80, protocol: 'TCP' },
        { port: 81, protocol: 'TCP' },
      ],
      spareFrom: last - first,
    },
    expected: [
      [80, last],
      [81, first],
    ],
  },
  'one port of two protocols is one port': {
    given: {
      wanted: [
        { port: 53, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    },
    expected: [[53, first]],
  },
};
for (const [title, { given, expected }] of Object.entries(cases)) {
  test(title, async (t) => t.deepEqual(await planPorts(input(given)), expected));
}

test('both protocols are asked for where both are wanted', async (t) => {
  const asked: string[] = [];
  const wanted = [
    { port: 5353, protocol: 'UDP' },
    { port: 5353, protocol: 'TCP' },
  ] as const;
  const isFree: PortPlanInput['isFree'] = async (port, protocols) => {
    asked.push(`${port} ${[...protocols].sort().join(' ')}`);
    return true;
  };
  await planPorts(input({ wanted, isFree }));
  t.deepEqual(asked, ['5353 TCP UDP']);
});

test('it gives up after so many ports', async (t) => {
  let asked = 0;
  const isFree = async (): Promise<boolean> => {
    asked += 1;
    return false;
  };
  await t.throwsAsync(planPorts(input({ isFree })), { code: 'DRIVER_FAILED' });
  t.is(asked, 1 + limits.sandboxPortAttemptsMax);
});
