import test from 'ava';
import { specLimitations } from './spec-limitations.ts';

test('what will not be honoured is known from the spec, and what will be is not spoken of', (t) => {
  t.deepEqual(specLimitations({ containers: [{ name: 'main', image: 'host', command: ['true'] }] }), []);
  t.deepEqual(
    specLimitations({
      hostAliases: [{ ip: '192.0.2.1', hostnames: ['a'] }],
      securityContext: { runAsUser: 1000 },
      containers: [
        {
          name: 'main',
          image: 'host',
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1' } },
          securityContext: { readOnlyRootFilesystem: true },
          volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }],
        },
      ],
    }),
    [
      'hostAliases are not written.',
      'Container main: securityContext.readOnlyRootFilesystem is not applied.',
      'securityContext.runAsUser is not applied.',
      'Container main: The cpu limit is not enforced.',
      'Container main: The memory limit is not enforced.',
      'Container main: Read-only mounts are not kept from being written to.',
    ],
  );
});
