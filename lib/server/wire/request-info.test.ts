import test from 'ava';
import { requestInfo } from './request-info.ts';

const rows = [
  { of: 'GET /api/v1/pods', is: 'list /v1 pods' },
  { of: 'GET /api/v1/namespaces', is: 'list /v1 namespaces' },
  { of: 'GET /api/v1/namespaces/shop', is: 'get /v1 shop:namespaces shop' },
  { of: 'PUT /api/v1/namespaces/shop/finalize', is: 'update /v1 shop:namespaces/finalize shop' },
  { of: 'GET /api/v1/namespaces/shop/pods?watch=1', is: 'watch /v1 shop:pods' },
  { of: 'GET /api/v1/namespaces/shop/pods/web?watch=1', is: 'get /v1 shop:pods web' },
  { of: 'GET /api/v1/namespaces/shop/pods?watch=false', is: 'list /v1 shop:pods' },
  { of: 'GET /api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb', is: 'list /v1 shop:pods web' },
  { of: 'GET /api/v1/namespaces/shop/pods/web/log', is: 'get /v1 shop:pods/log web' },
  { of: 'POST /api/v1/namespaces/shop/pods/web/eviction', is: 'create /v1 shop:pods/eviction web' },
  {
    of: 'PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale',
    is: 'patch apps/v1 shop:deployments/scale web',
  },
  { of: 'DELETE /apis/apps/v1/namespaces/shop/deployments', is: 'deletecollection apps/v1 shop:deployments' },
  {
    of: 'DELETE /apis/rbac.authorization.k8s.io/v1/clusterroles/a%3Ab',
    is: 'delete rbac.authorization.k8s.io/v1 clusterroles a:b',
  },
  { of: 'GET /apis/apps/v1', is: 'path get /apis/apps/v1' },
  { of: 'GET /api', is: 'path get /api' },
  { of: 'GET /healthz', is: 'path get /healthz' },
  { of: 'GET /', is: 'path get /' },
  {
    of: 'GET /api/v1/namespaces/shop/pods/web/proxy/deep/path',
    is: 'get /v1 shop:pods/proxy web, and on to /deep/path',
  },
  {
    of: 'POST /api/v1/namespaces/shop/services/https:web:ui/proxy/a%2Fb/../c//?watch=1',
    is: 'create /v1 shop:services/proxy https:web:ui, and on to /a%2Fb/../c//',
  },
  { of: 'GET /api/v1/namespaces/shop/pods/web/proxy', is: 'get /v1 shop:pods/proxy web, and on to nothing' },
  { of: 'GET /api/v1/namespaces/../pods/web/proxy/a', is: 'null' },
  {
    of: 'GET /api/v1/namespaces/shop/secrets/web/proxy/a',
    is: 'path get /api/v1/namespaces/shop/secrets/web/proxy/a',
  },
  { of: 'GET /api/v1/namespaces/%2e%2e/pods', is: 'null' },
  { of: 'GET /api/v1/namespaces/a%2Fb/pods', is: 'null' },
  { of: 'GET /api//v1/pods', is: 'null' },
  { of: 'GET /api/v1/%zz', is: 'null' },
] as const;

for (const { of, is } of rows) {
  test(`${of} is ${is}`, (t) => {
    const [method = '', target = ''] = of.split(' ');
    const [path = '', query = ''] = target.split('?');
    const info = requestInfo(method, path, new URLSearchParams(query));
    if (info === null) return t.is('null', is);
    if (info.type === 'path') return t.is(`path ${info.verb} ${info.path}`, is);
    const { verb, group, version, namespace, resource, subresource, name } = info;
    const what = `${namespace === '' ? '' : `${namespace}:`}${resource}${subresource === '' ? '' : `/${subresource}`}`;
    const on = info.proxiedPath === undefined ? '' : `, and on to ${info.proxiedPath || 'nothing'}`;
    t.is(`${verb} ${group}/${version} ${what}${name === '' ? '' : ` ${name}`}${on}`, is);
  });
}
