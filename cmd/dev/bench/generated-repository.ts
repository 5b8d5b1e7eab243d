import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { openRepository } from '../../../lib/git/open-repository.ts';
import type { GitRepository } from '../../../lib/git/repository.ts';
import { runGit } from '../../run-git.ts';

/** One application of four objects, as its own file. `version` changes what a commit would change. */
export function applicationFile(number: number, version: number, replicas = 0): string {
  const name = `app-${number}`;
  const namespace = `team-${number % 10}`;
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${namespace}
data:
  greeting: hello from ${name}
  version: "${version}"
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
  namespace: ${namespace}
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app: ${name}
spec:
  replicas: ${replicas}
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: main
          image: host
          command: [sleep, infinity]
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: ${name}
          resources:
            requests:
              cpu: 10m
              memory: 16Mi
`;
}

const namespaces = Array.from(
  { length: 10 },
  (_, at) => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team-${at}\n`,
).join('---\n');

export type GeneratedRepository = {
  readonly path: string;
  readonly repository: GitRepository;
  /** Commits another version of one application and moves the branch; when it moved (performance.now). */
  change(number: number, version: number): Promise<{ readonly commit: string; readonly atMs: number }>;
};

/** A bare repository of `applications` × 4 objects, each application in a file. */
export async function generatedRepository(
  directory: string,
  applications: number,
  replicas = 0,
): Promise<GeneratedRepository> {
  const path = join(directory, 'repo.git');
  mkdirSync(path, { recursive: true });
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', path], directory);
  const opening = {
    location: path,
    mirrorDirectory: join(directory, 'mirrors'),
    clock: systemClock(),
    log: silentLog(),
  };
  const repository = await openRepository(opening);
  const author = { name: 'Bench', email: 'bench@localhost', atMs: Date.now() };
  const fileOf = (number: number): string => `apps/${number % 100}/app-${number}.yaml`;
  const changes = Array.from({ length: applications }, (_, number) => ({
    path: fileOf(number),
    bytes: Buffer.from(applicationFile(number, 1, replicas)),
  }));
  const first = await repository.writeCommit({
    parents: [],
    baseCommit: null,
    changes: [...changes, { path: 'namespaces.yaml', bytes: Buffer.from(namespaces) }],
    message: 'First\n',
    author,
  });
  await repository.publish('main', first, null);
  await repository.close();
  // Whoever pushes is another process: from here on none is started in this one, whose heap would be copied for each.
  const pushed = await openRepository({ ...opening, engine: 'isomorphic' });
  let head = first;
  return {
    path,
    repository: pushed,
    async change(number, version) {
      const bytes = Buffer.from(applicationFile(number, version, replicas));
      const commit = await pushed.writeCommit({
        parents: [head],
        baseCommit: head,
        changes: [{ path: fileOf(number), bytes }],
        message: `Change ${number}\n`,
        author,
      });
      const atMs = performance.now();
      await pushed.publish('main', commit, head);
      head = commit;
      return { commit, atMs };
    },
  };
}
