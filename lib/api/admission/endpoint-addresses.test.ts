import test from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import { localApi } from '../../testing/local-api.ts';
import type { Caller } from '../client.ts';
import { specialAddress } from './special-address.ts';

const ann: Caller = {
  user: 'ann',
  groups: ['system:authenticated'],
  fieldManager: 'test',
  tracksFields: true,
};
const git: Caller = { user: 'system:pintle', groups: ['system:masters'], fieldManager: 'pintle' };
const controller: Caller = {
  user: 'system:serviceaccount:kube-system:endpointslice-controller',
  fieldManager: 'endpoints',
};
const server: Caller = { user: 'system:apiserver', groups: ['system:masters'], fieldManager: 'bootstrap' };
const asServer: Caller = { ...server, tracksFields: true };

const endpoints = (ip: string, list = 'addresses'): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web', namespace: 'default' } },
  subsets: [{ [list]: [{ ip }], ports: [{ port: 22 }] }],
});
const slice = (address: string, addressType = 'IPv4'): KubeObject => ({
  ...{
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web', namespace: 'default' },
  },
  ...{ addressType, endpoints: [{ addresses: [address] }], ports: [{ name: '', port: 22, protocol: 'TCP' }] },
});

for (const { title, caller, object, taken } of [
  { title: 'somebody to this machine', caller: ann, object: slice('127.0.0.1'), taken: false },
  { title: 'git to this machine', caller: git, object: slice('127.0.0.1'), taken: false },
  { title: 'somebody who calls himself the API', caller: asServer, object: slice('127.0.0.1'), taken: false },
  { title: 'somebody to every address of this machine', caller: ann, object: slice('0.0.0.0'), taken: false },
  {
    title: 'somebody to the cloud that rents it out',
    caller: ann,
    object: slice('169.254.169.254'),
    taken: false,
  },
  { title: 'somebody to this machine, in IPv6', caller: ann, object: slice('::1', 'IPv6'), taken: false },
  { title: 'somebody by the older kind', caller: ann, object: endpoints('127.0.0.1'), taken: false },
  {
    title: 'somebody, not ready yet',
    caller: ann,
    object: endpoints('127.0.0.1', 'notReadyAddresses'),
    taken: false,
  },
  { title: 'somebody to another machine', caller: ann, object: slice('192.0.2.7'), taken: true },
  { title: 'git to another machine', caller: git, object: endpoints('192.0.2.7'), taken: true },
  { title: 'the controller to a pod', caller: controller, object: slice('127.97.0.3'), taken: true },
  { title: 'the API to itself', caller: server, object: slice('127.0.0.1'), taken: true },
]) {
  test(`${title} ${taken ? 'leads' : 'does not lead'} a Service`, async (t) => {
    const { client } = await localApi();
    const made = client.create(object, caller);
    if (taken) await t.notThrowsAsync(made);
    else t.like(await t.throwsAsync(made), { reason: 'Invalid' });
  });
}

test('an address is not slipped in later, and one that is there does not keep labels from changing', async (t) => {
  const { client } = await localApi();
  const made = await client.create(slice('127.97.0.3'), controller);
  const labelled = { ...made, metadata: { ...made.metadata, labels: { a: 'b' } } };
  const next = await client.update(labelled, ann);
  const slipped = client.update({ ...next, endpoints: [{ addresses: ['127.0.0.1'] }] }, ann);
  t.like(await t.throwsAsync(slipped), { reason: 'Invalid' });
  const patch = {
    type: 'json',
    operations: [{ op: 'replace', path: '/endpoints/0/addresses/0', value: '0.0.0.0' }],
  } as const;
  const ref = { group: 'discovery.k8s.io', kind: 'EndpointSlice', namespace: 'default', name: 'web' };
  t.like(await t.throwsAsync(client.patch(ref, patch, ann)), { reason: 'Invalid' });
});

for (const { address, special } of [
  { address: '10.0.0.1', special: false },
  { address: '126.255.255.255', special: false },
  { address: '2001:db8::1', special: false },
  { address: '127.255.0.1', special: true },
  { address: '0.1.2.3', special: true },
  { address: '::', special: true },
  { address: '::ffff:127.0.0.1', special: true },
  { address: '::ffff:a9fe:a9fe', special: true },
  { address: 'fe80::1', special: true },
  { address: 'fe80::1%lo', special: true },
  { address: '224.0.0.9', special: true },
  { address: 'ff02::1', special: true },
  { address: '127.1', special: true },
  { address: '010.0.0.1', special: true },
  { address: '', special: true },
]) {
  test(`${JSON.stringify(address)} is ${special ? 'no place for an endpoint' : 'an address like any other'}`, (t) => {
    t.is(specialAddress(address) !== null, special);
  });
}
