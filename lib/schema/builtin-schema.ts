import facts from './facts.json' with { type: 'json' };
import { builtinKinds, movedKinds } from './kinds.ts';
import type { Schema, TypeDef } from './schema.ts';
import { schemaOf } from './schema-of.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const ANY = 'dev.pintle.v1.Any';

/** Pintle's own kinds: their fields are read by whoever wrote them. */
const ownKind: TypeDef = {
  fields: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: OBJECT_META },
    spec: { type: ANY },
    status: { type: ANY },
  },
};

const ownTypes: Readonly<Record<string, TypeDef>> = {
  [ANY]: { is: 'any' },
  'dev.pintle.v1.Source': ownKind,
  'dev.pintle.v1.AppliedObject': ownKind,
  'dev.pintle.v1.StoppedNode': ownKind,
};

let built: Schema | undefined;

/** The Kubernetes API of facts.json and kinds.ts, and Pintle's own kinds. The same value every time. */
export function builtinSchema(): Schema {
  built ??= schemaOf({
    kinds: builtinKinds,
    moved: movedKinds,
    types: { ...(facts.types as Readonly<Record<string, TypeDef>>), ...ownTypes },
  });
  return built;
}
