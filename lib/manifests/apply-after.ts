import { limits } from '../base/limits.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';

/** The annotations by which a manifest says what must come before it. */
export const orderAnnotations = {
  dependsOn: 'pintle.dev/depends-on',
  syncWave: 'pintle.dev/sync-wave',
} as const;

/** What could not be read of one of these annotations. */
export type Unreadable = { readonly text: string; readonly why: string };

export type Dependencies = {
  readonly refs: readonly ObjectRef[];
  readonly unreadable: readonly Unreadable[];
};

const NONE: Dependencies = { refs: [], unreadable: [] };

/**
 * What `pintle.dev/depends-on` names, each once, in its order: entries between commas, `kind/name` for the object's own namespace
 * (or a kind that has none), `kind/namespace/name` for another. The kind is written as for kubectl: `Deployment`, `deployments`,
 * `deploy`, `deployment.apps`.
 */
export function dependenciesOf(object: KubeObject, schema: Schema): Dependencies {
  const text = object.metadata.annotations?.[orderAnnotations.dependsOn];
  if (text === undefined) return NONE;
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const refs = new Map<string, ObjectRef>();
  const unreadable: Unreadable[] = [];
  for (const entry of entries.slice(0, limits.dependenciesPerObjectMax)) {
    const read = readEntry(entry, object.metadata.namespace ?? '', schema);
    if ('why' in read) unreadable.push(read);
    else refs.set([read.group, read.kind, read.namespace, read.name].join('/'), read);
  }
  const { dependenciesPerObjectMax: most } = limits;
  if (entries.length > most) {
    const left = `${entries.length - most} more`;
    unreadable.push({ text: left, why: `an object waits for ${most} others at most` });
  }
  return { refs: [...refs.values()], unreadable };
}

/** What `pintle.dev/sync-wave` says: an integer, 0 unless given. Lower waves come first. */
export function syncWaveOf(object: KubeObject): number | Unreadable {
  const text = object.metadata.annotations?.[orderAnnotations.syncWave];
  if (text === undefined) return 0;
  if (/^[+-]?[0-9]{1,6}$/.test(text.trim())) return Number(text);
  return { text, why: 'a wave is an integer of at most six digits' };
}

function readEntry(entry: string, namespace: string, schema: Schema): ObjectRef | Unreadable {
  const parts = entry.split('/');
  const [word = '', first = '', second = ''] = parts;
  if (
    parts.length > 3 ||
    parts.some((part) => !/^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$/.test(part)) ||
    first === ''
  )
    return { text: entry, why: 'write kind/name, or kind/namespace/name' };
  const kind = kindNamed(word, schema);
  if (kind === undefined) return unknownKind(entry, { word, first, second, namespace });
  if (!kind.namespaced && second !== '') return { text: entry, why: `a ${kind.kind} has no namespace` };
  const { group, kind: name } = kind;
  if (second !== '') return { group, kind: name, namespace: first, name: second };
  return { group, kind: name, namespace: kind.namespaced ? namespace : '', name: first };
}

/** A kind that is not served yet has to be written out, with its group: it is found once it is. */
function unknownKind(
  entry: string,
  of: { readonly word: string; readonly first: string; readonly second: string; readonly namespace: string },
): ObjectRef | Unreadable {
  const dot = of.word.indexOf('.');
  if (dot <= 0 || !/^[A-Z]/.test(of.word)) return { text: entry, why: `there is no kind ${of.word}` };
  const [kind, group] = [of.word.slice(0, dot), of.word.slice(dot + 1)];
  if (of.second === '') return { group, kind, namespace: of.namespace, name: of.first };
  return { group, kind, namespace: of.first, name: of.second };
}

function kindNamed(word: string, schema: Schema): Kind | undefined {
  const dot = word.indexOf('.');
  const name = (dot < 0 ? word : word.slice(0, dot)).toLowerCase();
  const group = dot < 0 ? null : word.slice(dot + 1);
  const named = schema.kinds.filter(
    (kind) =>
      !kind.internal &&
      (group === null || kind.group === group) &&
      (kind.singular === name ||
        kind.plural === name ||
        kind.kind.toLowerCase() === name ||
        kind.shortNames.includes(name)),
  );
  // As kubectl does: what Kubernetes brings comes before what a definition brings.
  return named.find(({ custom }) => custom === undefined) ?? named[0];
}
