import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { type Kubectl, kubectl, kubectlBinaries } from '../../testing/kubectl.ts';
import { realDaemon } from '../../testing/real-daemon.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boats.harbour.example.com' },
  spec: {
    group: 'harbour.example.com',
    scope: 'Namespaced',
    names: {
      kind: 'Boat',
      plural: 'boats',
      singular: 'boat',
      shortNames: ['bt'],
      categories: ['fleet'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.crew', statusReplicasPath: '.status.crew' },
        },
        selectableFields: [{ jsonPath: '.spec.colour' }],
        additionalPrinterColumns: [
          { name: 'Colour', type: 'string', jsonPath: '.spec.colour' },
          { name: 'Masts', type: 'integer', jsonPath: '.spec.masts', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A boat of the harbour.',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                description: 'What the boat should be.',
                required: ['masts'],
                properties: {
                  masts: { type: 'integer', minimum: 1, maximum: 5, description: 'How many masts it has.' },
                  colour: { type: 'string', default: 'blue', enum: ['blue', 'red'] },
                  name: { type: 'string', pattern: '^[a-z]+$', maxLength: 10 },
                  crew: { type: 'integer', minimum: 0 },
                  ports: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, days: { type: 'integer' } },
                    },
                  },
                  cargo: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
              status: {
                type: 'object',
                properties: { crew: { type: 'integer' }, phase: { type: 'string' } },
              },
            },
          },
        },
      },
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        deprecated: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
} as const;

const text = (value: unknown): string => JSON.stringify(value);
const boat = (spec: unknown, name = 'ada'): string =>
  text({ apiVersion: 'harbour.example.com/v1', kind: 'Boat', metadata: { name }, spec });

type Step = {
  readonly run: string;
  readonly stdin?: string;
  readonly prints?: RegExp;
  readonly code?: number;
  readonly complains?: RegExp;
};

const [stored, beta] = definition.spec.versions;
const steps: readonly Step[] = [
  { run: 'explain pods.spec.containers.image', prints: /DESCRIPTION:\n +\S.+image/ },
  {
    run: 'explain deployments.spec.strategy',
    prints: /FIELDS:[\s\S]+rollingUpdate\t<\S*RollingUpdateDeployment>/,
  },
  { run: 'explain deployments --recursive', prints: /maxSurge\t<\S+>/ },
  { run: 'explain hpa --api-version=autoscaling/v1', prints: /^VERSION: +(autoscaling\/)?v1$/m },
  {
    run: 'create -f -',
    stdin: text({
      ...definition,
      spec: {
        ...definition.spec,
        versions: [{ ...stored, schema: { openAPIV3Schema: { type: 'string' } } }],
      },
    }),
    code: 1,
    complains: /openAPIV3Schema\.type: Invalid value: "string": must be object at the root/,
  },
  { run: 'create -f -', stdin: text(definition), prints: /^customresourcedefinition\S+ created$/m },
  {
    run: 'wait --for=condition=Established crd/boats.harbour.example.com --timeout=30s',
    prints: /condition met/,
  },
  {
    run: 'get crd boats.harbour.example.com -o jsonpath={.status.acceptedNames.kind}/{.status.storedVersions}',
    prints: /^Boat\/\["v1"\]$/,
  },
  {
    run: 'api-resources --api-group=harbour.example.com',
    prints: /^boats +bt +harbour\.example\.com\/v1 +true +Boat$/m,
  },
  {
    run: 'explain boats.spec',
    prints: /What the boat should be\.[\s\S]+masts\t<integer>[\s\S]+How many masts it has\./,
  },
  { run: 'explain boat', prints: /A boat of the harbour\./ },
  { run: 'create -f -', stdin: boat({ masts: 2, cargo: { rum: 3 } }), prints: /^boat\S+ created$/m },
  {
    run: 'get boat ada -o jsonpath={.spec.colour},{.spec.cargo.rum},{.metadata.generation}',
    prints: /^blue,3,1$/,
  },
  { run: 'get bt', prints: /^NAME +COLOUR +AGE\nada +blue +\d+s/ },
  { run: 'get fleet -o wide', prints: /^NAME +COLOUR +MASTS +AGE\nada +blue +2/ },
  {
    run: 'get boats --field-selector spec.colour=blue -o name',
    prints: /^boat\.harbour\.example\.com\/ada$/m,
  },
  { run: 'get boats --field-selector spec.colour=red', complains: /No resources found/ },
  {
    run: 'get boats.v1beta1.harbour.example.com ada -o jsonpath={.apiVersion}',
    prints: /^harbour\.example\.com\/v1beta1$/,
    complains: /v1beta1 Boat is deprecated/,
  },
  {
    run: 'create -f -',
    stdin: boat({ masts: 9, colour: 'green', name: 'Ada' }, 'bad'),
    code: 1,
    complains:
      /The Boat "bad" is invalid:[\s\S]+spec\.masts: Invalid value: 9: spec\.masts in body should be less than or equal to 5/,
  },
  {
    run: 'create -f -',
    stdin: boat({ colour: 'green' }, 'bad'),
    code: 1,
    complains: /spec\.colour: Unsupported value: "green": supported values: "blue", "red"/,
  },
  { run: 'create -f -', stdin: boat({}, 'bad'), code: 1, complains: /spec\.masts(: Required value|" )/ },
  {
    run: 'create -f - --validate=strict',
    stdin: boat({ masts: 1, sails: 3 }, 'bad'),
    code: 1,
    complains: /unknown field "spec\.sails"/,
  },
  {
    run: 'create -f - --validate=warn',
    stdin: boat({ masts: 1, sails: 3 }, 'eve'),
    prints: /created/,
    complains: /Warning: unknown field "spec\.sails"/,
  },
  { run: 'get boat eve -o jsonpath={.spec}', prints: /^\{"colour":"blue","masts":1\}$/ },
  { run: 'patch boat ada --type=merge -p {"spec":{"masts":3}}', prints: /patched/ },
  { run: 'patch boat ada -p {"spec":{"masts":3}}', code: 1, complains: /unknown format|not supported/ },
  {
    run: 'patch boat ada --type=merge --subresource=status -p {"status":{"phase":"afloat"},"spec":{"masts":5}}',
    prints: /patched/,
  },
  {
    run: 'get boat ada -o jsonpath={.spec.masts},{.status.phase},{.metadata.generation}',
    prints: /^3,afloat,2$/,
  },
  { run: 'scale boat ada --replicas=4', prints: /scaled/ },
  { run: 'get boat ada -o jsonpath={.spec.crew}', prints: /^4$/ },
  {
    run: 'apply --server-side --field-manager=one -f -',
    stdin: boat({ masts: 1, ports: [{ name: 'a', days: 1 }] }, 'sea'),
    prints: /serverside-applied/,
  },
  {
    run: 'apply --server-side --field-manager=two -f -',
    stdin: boat({ masts: 1, ports: [{ name: 'b', days: 2 }] }, 'sea'),
    prints: /serverside-applied/,
  },
  { run: 'get boat sea -o jsonpath={.spec.ports[*].name}', prints: /^a b$/ },
  { run: 'apply -f -', stdin: boat({ masts: 2 }, 'ann'), prints: /created/ },
  { run: 'apply -f -', stdin: boat({ masts: 4 }, 'ann'), prints: /configured/ },
  {
    run: 'patch boats.v1beta1.harbour.example.com ann --type=merge --field-manager=old -p {"spec":{"crew":7}}',
    prints: /patched/,
    complains: /v1beta1 Boat is deprecated/,
  },
  {
    run: 'get boat ann -o yaml --show-managed-fields',
    prints: /apiVersion: harbour\.example\.com\/v1beta1\n\s+fieldsType: FieldsV1[\s\S]+manager: old/,
  },
  // What is changed of the definition counts from the next request on.
  {
    run: 'replace -f -',
    stdin: text({
      ...definition,
      spec: {
        ...definition.spec,
        versions: [
          {
            ...stored,
            selectableFields: [],
            additionalPrinterColumns: [{ name: 'Crew', type: 'integer', jsonPath: '.spec.crew' }],
            schema: {
              openAPIV3Schema: {
                type: 'object',
                description: 'A ship.',
                properties: {
                  spec: {
                    type: 'object',
                    'x-kubernetes-preserve-unknown-fields': true,
                    'x-kubernetes-validations': [{ rule: 'self.masts > 0' }],
                  },
                },
              },
            },
          },
          beta,
        ],
      },
    }),
    prints: /replaced/,
    complains: /Warning: .*CEL/,
  },
  { run: 'explain boat', prints: /A ship\./ },
  { run: 'get boat ada', prints: /^NAME +CREW\nada +4$/m },
  { run: 'create -f -', stdin: boat({ masts: 9, wheels: 1 }, 'car'), prints: /created/ },
  { run: 'delete crd boats.harbour.example.com --timeout=30s', prints: /deleted/ },
  {
    run: 'get boats',
    code: 1,
    complains: /doesn't have a resource type "boats"|could not find the requested resource/,
  },
  { run: 'create -f -', stdin: text(definition), prints: /created/ },
  { run: 'wait --for=condition=Established crd/boats.harbour.example.com --timeout=30s' },
  { run: 'get boats', complains: /No resources found/ },
];

const binaries = kubectlBinaries();
if (binaries.length === 0) {
  test.skip('kubectl: there is none on this machine (KUBECTL, PATH)', () => undefined);
}

for (const binary of binaries) {
  test.serial(`${basename(binary)}: custom resources, and explain`, async (t) => {
    const daemon = await realDaemon(t);
    const home = join(daemon.directory, 'home');
    await mkdir(home);
    const kubeconfig = join(daemon.directory, 'kubeconfig');
    await writeFile(kubeconfig, (await daemon.run('kubeconfig')).stdout, { mode: 0o600 });
    const run: Kubectl = kubectl({ binary, home, kubeconfig, namespace: 'default' });
    for (const { run: words, stdin = '', prints, complains, code = 0 } of steps) {
      const result = await run(words.split(' '), { stdin });
      const told = `kubectl ${words}\n${result.stdout}\n${result.stderr}`;
      t.is(result.code, code, told);
      if (prints !== undefined) t.regex(result.stdout, prints, told);
      if (complains !== undefined) t.regex(result.stderr, complains, told);
    }
  });
}
