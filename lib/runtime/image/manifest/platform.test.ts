import test from 'ava';
import { choosePlatform, machinePlatform, type Platform } from './platform.ts';

const of = (text: string): Platform => {
  const [os = '', architecture = '', variant = ''] = text.split('/');
  return { os, architecture, variant };
};
const cases: Readonly<
  Record<string, { readonly machine: string; readonly offered: readonly string[]; readonly chosen: number }>
> = {
  'the same': { machine: 'linux/amd64', offered: ['linux/arm64', 'linux/amd64'], chosen: 1 },
  'the first of two alike': { machine: 'linux/amd64', offered: ['linux/amd64', 'linux/amd64'], chosen: 0 },
  'another system': { machine: 'linux/amd64', offered: ['windows/amd64'], chosen: -1 },
  "arm64's only variant may be left out": { machine: 'linux/arm64/v8', offered: ['linux/arm64'], chosen: 0 },
  'a processor it does not have': { machine: 'linux/amd64', offered: ['linux/amd64/v3'], chosen: -1 },
  'the best arm': {
    machine: 'linux/arm/v7',
    offered: ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v8'],
    chosen: 1,
  },
  'no variant is better than a wrong one': {
    machine: 'linux/arm/v7',
    offered: ['linux/arm/v8', 'linux/arm'],
    chosen: 1,
  },
  'what attests is for no machine': {
    machine: 'linux/amd64',
    offered: ['unknown/unknown', 'linux/amd64'],
    chosen: 1,
  },
  nothing: { machine: 'linux/amd64', offered: [], chosen: -1 },
};
for (const [title, { machine, offered, chosen }] of Object.entries(cases)) {
  test(`the platform of an index: ${title}`, (t) =>
    t.is(choosePlatform(offered.map(of), of(machine)), chosen));
}

test("Node's names of processors", (t) => {
  t.deepEqual([machinePlatform('x64'), machinePlatform('arm64')], [of('linux/amd64'), of('linux/arm64/v8')]);
});
