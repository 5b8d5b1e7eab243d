import test from 'ava';
import { neededToGrant } from './granting.ts';

const rows = [
  { verb: 'create', resource: 'roles', needs: 'escalate' },
  { verb: 'patch', resource: 'clusterroles', needs: 'escalate' },
  { verb: 'update', resource: 'rolebindings', needs: 'bind' },
  { verb: 'delete', resource: 'rolebindings', needs: null },
  { verb: 'get', resource: 'roles', needs: null },
  { verb: 'create', resource: 'pods', needs: null },
] as const;

for (const { verb, resource, needs } of rows) {
  test(`to ${verb} ${resource} takes ${needs ?? 'nothing more'}`, (t) => {
    const group = resource === 'pods' ? '' : 'rbac.authorization.k8s.io';
    const wanted = {
      type: 'resource',
      verb,
      group,
      resource,
      subresource: '',
      namespace: 'a',
      name: '',
    } as const;
    t.is(neededToGrant(wanted)?.verb ?? null, needs);
  });
}
