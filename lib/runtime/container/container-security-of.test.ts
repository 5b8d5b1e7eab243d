import test from 'ava';
import type { Container, Pod } from '../../schema/types.gen.ts';
import { containerSecurityOf } from './container-security-of.ts';

const securityOf = (own: Container['securityContext'], ofPod: Pod['spec']['securityContext'] = undefined) => {
  const container: Container = { name: 'a', securityContext: own };
  const spec = { containers: [container], securityContext: ofPod };
  return containerSecurityOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }, container);
};

test('nothing said: the image’s user, the default filter, privileges can be gained as in Kubernetes', (t) => {
  t.deepEqual(securityOf(undefined), {
    ...{ runAsUser: null, runAsGroup: null, runAsNonRoot: false, privileged: false },
    ...{ supplementalGroups: [], supplementalGroupsPolicy: 'Merge', procMount: 'Default' },
    ...{ readOnlyRootFilesystem: false, allowPrivilegeEscalation: true },
    capabilities: { add: [], drop: [] },
    seccompProfile: { type: 'RuntimeDefault' },
  });
});

test('the container’s own wins over the pod’s, also where it says no or root', (t) => {
  const ofPod = { runAsUser: 1000, runAsGroup: 2000, runAsNonRoot: true };
  t.like(securityOf({ runAsUser: 0, runAsNonRoot: false }, ofPod), {
    ...{ runAsUser: 0, runAsGroup: 2000, runAsNonRoot: false },
  });
  t.like(securityOf(undefined, ofPod), ofPod);
});

test('fsGroup is one of the groups, once', (t) => {
  t.deepEqual(securityOf({}, { fsGroup: 5, supplementalGroups: [4, 5] }).supplementalGroups, [4, 5]);
  t.deepEqual(securityOf({}, { fsGroup: 0 }).supplementalGroups, [0]);
});

test('seccomp: the container’s, else the pod’s, else the default; a privileged one is not filtered', (t) => {
  const profile = { type: 'Localhost', localhostProfile: 'a.json' };
  t.deepEqual(securityOf({}, { seccompProfile: profile }).seccompProfile, {
    ...{ type: 'Localhost', localhostProfile: 'a.json' },
  });
  t.is(
    securityOf({ seccompProfile: { type: 'Unconfined' } }, { seccompProfile: profile }).seccompProfile.type,
    'Unconfined',
  );
  t.like(securityOf({ privileged: true }), { seccompProfile: { type: 'Unconfined' }, procMount: 'Unmasked' });
});
