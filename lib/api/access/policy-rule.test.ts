import test from 'ava';
import { readCases } from '../../testing/case-file.ts';
import { type Attributes, ruleAllows, urlCovers } from './policy-rule.ts';

const cases = readCases<{ readonly owner: string; readonly requested: string }, { readonly covers: boolean }>(
  'rbac-nonresource-urls',
);

cases.forEach(({ name, input, expected }, at) => {
  test(`case ${at}: ${name}`, (t) => {
    t.is(urlCovers(input.owner, input.requested), expected.covers);
  });
});

const wanted = (text: string): Attributes => {
  const [verb = '', what = '', name = ''] = text.split(' ');
  if (what.startsWith('/')) return { type: 'path', verb, path: what };
  const [group = '', whole = ''] = what.split(':');
  const [resource = '', subresource = ''] = whole.split('/');
  return { type: 'resource', verb, group, resource, subresource, namespace: 'shop', name };
};

const reader = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] };
const rows = [
  { title: 'a verb and resource it names', rule: reader, want: 'get :pods web', allows: true },
  { title: 'a subresource it names', rule: reader, want: 'get :pods/log web', allows: true },
  { title: 'a subresource it does not name', rule: reader, want: 'get :pods/status web', allows: false },
  { title: 'another verb', rule: reader, want: 'delete :pods web', allows: false },
  { title: 'another group', rule: reader, want: 'get apps:pods web', allows: false },
  {
    title: 'any subresource of a name',
    rule: { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] },
    want: 'update apps:deployments/scale web',
    allows: true,
  },
  {
    title: 'not the resource itself by its subresource',
    rule: { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] },
    want: 'update apps:deployments web',
    allows: false,
  },
  {
    title: 'a star of resources covers subresources',
    rule: { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    want: 'create :pods/exec web',
    allows: true,
  },
  {
    title: 'one name of several',
    rule: { ...reader, resourceNames: ['web', 'db'] },
    want: 'get :pods db',
    allows: true,
  },
  { title: 'another name', rule: { ...reader, resourceNames: ['web'] }, want: 'get :pods db', allows: false },
  {
    title: 'a list, where names are said',
    rule: { ...reader, resourceNames: ['web'] },
    want: 'list :pods',
    allows: false,
  },
  {
    title: 'a path',
    rule: { verbs: ['get'], nonResourceURLs: ['/healthz/*'] },
    want: 'get /healthz/ping',
    allows: true,
  },
  {
    title: 'no path by a rule of resources',
    rule: { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    want: 'get /healthz',
    allows: false,
  },
  {
    title: 'no resource by a rule of paths',
    rule: { verbs: ['*'], nonResourceURLs: ['*'] },
    want: 'get :pods web',
    allows: false,
  },
] as const;

for (const { title, rule, want, allows } of rows) {
  test(`a rule ${allows ? 'allows' : 'does not allow'} ${title}`, (t) => {
    t.is(ruleAllows(rule, wanted(want)), allows);
  });
}
