import test from 'ava';
import { matchesFieldSelector, parseFieldSelector } from './field-selector.ts';
import type { KubeObject } from './object.ts';

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop' },
  spec: { nodeName: 'a=b,c\\d', hostNetwork: true, priority: 5, containers: [] },
  status: { phase: 'Running' },
};

const cases: Readonly<Record<string, boolean>> = {
  '': true,
  'metadata.name=web-1': true,
  'metadata.name==web-1,status.phase=Running': true,
  'metadata.name=web-2': false,
  'status.phase!=Running': false,
  'status.phase!=Failed,': true,
  'spec.hostNetwork=true': true,
  'spec.priority=5': true,
  'spec.schedulerName=': true,
  'spec.schedulerName!=other': true,
  'spec.containers=': true,
  'spec.nodeName=a\\=b\\,c\\\\d': true,
  'constructor.name=Object': false,
  '__proto__.toString!=': false,
};

for (const [text, matches] of Object.entries(cases)) {
  test(`${JSON.stringify(text)} ${matches ? 'selects' : 'does not select'} the pod`, (t) => {
    const parsed = parseFieldSelector(text);
    if ('error' in parsed) return t.fail(parsed.error);
    t.is(matchesFieldSelector(parsed.terms, pod), matches);
  });
}

const wrong = [
  'metadata.name',
  '=web',
  'a=b=c',
  'a=\\x',
  'a in (b)',
  `a=${'x'.repeat(70_000)}`,
  'a=b,'.repeat(257),
];
for (const text of wrong) {
  test(`${text.slice(0, 20)} is an error`, (t) => t.true('error' in parseFieldSelector(text)));
}
