import test from 'ava';
import { readCases } from '../testing/case-file.ts';
import {
  checkAnnotationKey,
  checkConfigMapKey,
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkEnvVarName,
  checkFullyQualifiedName,
  checkHttpHeaderName,
  checkLabelValue,
  checkPathSegment,
  checkPercent,
  checkPortName,
  checkPortNumber,
  checkQualifiedName,
  checkWildcardSubdomain,
} from './names.ts';

const checks: Readonly<Record<string, (value: string) => readonly string[]>> = {
  'dns1123-label': checkDns1123Label,
  'dns1123-subdomain': checkDns1123Subdomain,
  'dns1035-label': checkDns1035Label,
  'port-number': (value) => checkPortNumber(Number(value)),
  'port-name': checkPortName,
  'qualified-name (label/annotation key)': checkQualifiedName,
  'label-value': checkLabelValue,
  'http-header-name': checkHttpHeaderName,
  percent: checkPercent,
  'configmap-key': checkConfigMapKey,
  'wildcard-dns1123-subdomain': checkWildcardSubdomain,
  fqdn: checkFullyQualifiedName,
  'env-var-name-relaxed': checkEnvVarName,
};

const cases = readCases<{ readonly value: string }, { readonly valid: boolean }>('name-validation');
for (const [at, { kind = '', name, input, expected }] of cases.entries()) {
  test(`case ${at}: ${kind} ${name.slice(0, 40)}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    t.is(check(input.value).length === 0, expected.valid);
  });
}

test('a long hostile text is refused by its length', (t) => {
  const text = `${'a-'.repeat(500_000)}!`;
  for (const check of [checkDns1123Subdomain, checkQualifiedName, checkLabelValue, checkPortName])
    t.is(check(text).length, 1);
});

test('annotation keys may have capitals in the prefix, label keys may not', (t) => {
  t.deepEqual(checkAnnotationKey('Example.com/owner'), []);
  t.is(checkQualifiedName('Example.com/owner').length, 1);
});

test('a key with two slashes is not a qualified name', (t) => {
  t.is(checkQualifiedName('a/b/c').length, 1);
});

test('a path segment holds no slash and no percent', (t) => {
  t.deepEqual(checkPathSegment('system:node'), []);
  for (const bad of ['', '.', '..', 'a/b', 'a%b']) t.is(checkPathSegment(bad).length, 1);
});
