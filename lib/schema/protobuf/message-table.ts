import facts from '../facts.json' with { type: 'json' };
import { type FieldShape, fieldShape } from '../field-shape.ts';
import type { FieldDef } from '../schema.ts';

/** One field of a message on the wire. */
export type MessageField =
  | {
      readonly form: 'member';
      /** Its name in JSON. */
      readonly name: string;
      readonly shape: FieldShape;
      /** Its zero value is told apart from its absence, or JSON always has it. */
      readonly keepsZero: boolean;
    }
  /** A message on the wire whose members stand in the object itself in JSON. */
  | { readonly form: 'inline'; readonly message: MessageTable };

/** The fields of a message by their numbers. */
export type MessageTable = ReadonlyMap<number, MessageField>;

type WireField = { readonly name: string; readonly number: number; readonly type: string };
type TypeFact = {
  readonly fields?: Readonly<Record<string, FieldDef>>;
  readonly embedded?: readonly WireField[];
  readonly gvk?: readonly string[];
  readonly is?: string;
};
type WireOnly = Readonly<Record<string, Omit<WireField, 'name'>>>;

const typeFacts = new Map(Object.entries(facts.types as Readonly<Record<string, TypeFact>>));
const wireOnly = new Map(Object.entries(facts.wireOnly as Readonly<Record<string, WireOnly>>));

const EPHEMERAL_CONTAINER = 'io.k8s.api.core.v1.EphemeralContainer';
/** Has the same members as an ephemeral container, and the facts of which are pointers. */
const CONTAINER = 'io.k8s.api.core.v1.Container';
const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

const typeByGvk = new Map(
  [...typeFacts].flatMap(([typeName, { gvk = [] }]) => gvk.map((written) => [written, typeName] as const)),
);

/** The type of `apps/v1` `Deployment`; undefined when it is none that is served. Every group has DeleteOptions. */
export function messageTypeOf(apiVersion: string, kind: string): string | undefined {
  if (kind === 'DeleteOptions') return DELETE_OPTIONS;
  return typeByGvk.get(`${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}/${kind}`);
}

/** The form of a type that has no fields: `int-or-string`, `string:date-time`, `object`, `any`. */
export function specialForm(typeName: string): string | undefined {
  return typeFacts.get(typeName)?.is;
}

const tables = new Map<string, MessageTable>();

/** The wire fields of a type of the facts; empty for one that has none. */
export function messageTable(typeName: string): MessageTable {
  let table = tables.get(typeName);
  if (table === undefined) {
    table = tableOf(typeName, typeFacts.get(typeName) ?? {});
    tables.set(typeName, table);
  }
  return table;
}

function tableOf(typeName: string, type: TypeFact): MessageTable {
  const table = new Map<number, MessageField>();
  for (const [name, def] of Object.entries(type.fields ?? {}))
    if (def.number !== undefined) table.set(def.number, member(name, def, def.pointer === true));
  const unnumbered = Object.entries(type.fields ?? {}).filter(([, def]) => def.number === undefined);
  const inner = typeName === EPHEMERAL_CONTAINER ? typeFacts.get(CONTAINER)?.fields : undefined;
  const parent = {
    typeName,
    byWireName: new Map(
      unnumbered.map(([name, def]) => [wireName(name), { name, def: inner?.[name] ?? def }]),
    ),
    pointersTold: inner !== undefined,
  };
  return new Map([...table, ...inlined(parent, type.embedded ?? [])]);
}

type Parent = {
  readonly typeName: string;
  readonly byWireName: ReadonlyMap<string, { readonly name: string; readonly def: FieldDef }>;
  /** The facts say which of the members are pointers. */
  readonly pointersTold: boolean;
};

/** Fields that JSON has under another spelling, and messages whose members it has in place of them. */
function inlined(parent: Parent, fields: readonly WireField[], within = false): MessageTable {
  const table = new Map<number, MessageField>();
  for (const { name, number, type } of fields) {
    const found = parent.byWireName.get(wireName(name));
    const message = wireOnly.get(qualified(parent.typeName, type));
    if (found !== undefined) {
      // Upstream, every message that is a member of an inlined struct is a pointer: one of several sources, handlers, rules.
      const isMessage = found.def.type.startsWith('io.') && !found.def.type.endsWith('[]');
      const pointer = found.def.pointer ?? (within && isMessage && !parent.pointersTold);
      table.set(number, member(found.name, found.def, pointer));
    } else if (message !== undefined) {
      const below = Object.entries(message).map(([inner, field]) => ({ name: inner, ...field }));
      table.set(number, { form: 'inline', message: inlined(parent, below, true) });
    }
  }
  return table;
}

function member(name: string, def: FieldDef, pointer: boolean): MessageField {
  return { form: 'member', name, shape: fieldShape(def), keepsZero: pointer || def.required === true };
}

/** `x-kubernetes-list-type` and `xKubernetesListType` are one; so are `$ref` and `ref`. */
function wireName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `io.k8s.api.core.v1.Volume`, `VolumeSource` → `k8s.io.api.core.v1.VolumeSource`. */
function qualified(typeName: string, type: string): string {
  if (type.startsWith('k8s.io.')) return type;
  const pack = typeName.slice(0, typeName.lastIndexOf('.'));
  return `${pack.replace(/^io\.k8s\./, 'k8s.io.').replaceAll('-', '_')}.${type}`;
}
