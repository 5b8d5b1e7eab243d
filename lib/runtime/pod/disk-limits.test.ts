import test from 'ava';
import type { PodSpec } from '../../schema/types.gen.ts';
import { type DiskUsage, diskLimitsOf, overDiskLimit } from './disk-limits.ts';

const MEBI = 1024 * 1024;
type Used = {
  readonly volumes?: Record<string, number>;
  readonly containers?: Record<string, number>;
  readonly otherBytes?: number;
};
const usageOf = ({ volumes = {}, containers = {}, otherBytes = 0 }: Used): DiskUsage => ({
  volumes: new Map(Object.entries(volumes)),
  containers: new Map(Object.entries(containers)),
  otherBytes,
});
const stores = (name: string, limit?: string) => ({
  name,
  image: 'host',
  ...(limit !== undefined && { resources: { limits: { 'ephemeral-storage': limit } } }),
});
const cache = (emptyDir: object) => ({ name: 'cache', emptyDir });

const CASES: Record<string, { readonly spec: PodSpec; readonly used: Used; readonly over: RegExp | null }> = {
  'a volume at its limit stays': {
    spec: { containers: [stores('web')], volumes: [cache({ sizeLimit: '1Mi' })] },
    used: { volumes: { cache: MEBI } },
    over: null,
  },
  'a volume over its limit goes': {
    spec: { containers: [stores('web')], volumes: [cache({ sizeLimit: '1Mi' })] },
    used: { volumes: { cache: MEBI + 1 } },
    over: /"cache".*"1Mi"/,
  },
  'what a container writes is nothing to a volume': {
    spec: { containers: [stores('web')], volumes: [cache({ sizeLimit: '1Mi' })] },
    used: { volumes: { cache: 1 }, containers: { web: 9 * MEBI } },
    over: null,
  },
  'a limit of zero is none': {
    spec: { containers: [stores('web', '1Gi')], volumes: [cache({ sizeLimit: '0' })] },
    used: { volumes: { cache: MEBI } },
    over: null,
  },
  'a container over its limit goes, where others leave the pod room': {
    spec: { containers: [stores('web', '1Mi'), stores('other', '10Mi')] },
    used: { containers: { web: 2 * MEBI } },
    over: /Container web .*"1Mi"/,
  },
  'a container that has no limit is not held by the one of another, but the pod is': {
    spec: { containers: [stores('web', '2Mi'), stores('other')] },
    used: { containers: { other: 3 * MEBI } },
    over: /total limit of containers 2Mi/,
  },
  'volumes on the disk count for the pod': {
    spec: { containers: [stores('web', '2Mi')], volumes: [cache({})] },
    used: { containers: { web: MEBI }, volumes: { cache: MEBI }, otherBytes: 1 },
    over: /total limit of containers 2Mi/,
  },
  'volumes in memory do not': {
    spec: { containers: [stores('web', '2Mi')], volumes: [cache({ medium: 'Memory' })] },
    used: { containers: { web: MEBI }, volumes: { cache: 9 * MEBI } },
    over: null,
  },
  'what is not known is nothing': {
    spec: { containers: [stores('web', '2Mi')], volumes: [cache({ sizeLimit: '1Mi' })] },
    used: {},
    over: null,
  },
};

for (const [title, { spec, used, over }] of Object.entries(CASES))
  test(`disk: ${title}`, (t) => {
    const limits = diskLimitsOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec });
    if (limits === null) return t.fail('it has limits');
    const why = overDiskLimit(limits, usageOf(used));
    if (over === null) t.is(why, null);
    else t.regex(why ?? '', over);
  });

test('disk: a pod that bounds nothing is not measured', (t) => {
  const spec = { containers: [stores('web')], volumes: [cache({})] };
  t.is(diskLimitsOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec }), null);
});
