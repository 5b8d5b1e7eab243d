import type { Caller, Client } from '../api/client.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { deletionWarning, type ForeignWrite, writeWarnings } from '../plan/ownership-warnings.ts';
import { groupOf, type KubeObject, type ObjectRef, refKey, refText } from '../schema/object.ts';
import type { Subresource } from '../schema/schema.ts';

/** What is known of git's own objects. */
export type Ownership = {
  inventory(): ReadonlyMap<string, InventoryRow>;
  isAutoscaled(ref: ObjectRef): boolean;
  /** `healKey`s of fields whose healing pauses. */
  backedOff(): ReadonlySet<string>;
};

/**
 * The Client for everybody who comes from outside: it does what the other does, and whoever changes what git manages hears at once, by
 * `Caller.onWarning`, from which file it comes and what becomes of the change. Reports of status are nobody's change.
 */
export function ownedClient(client: Client, ownership: Ownership): Client {
  const rowOf = (ref: ObjectRef): InventoryRow | undefined => ownership.inventory().get(refKey(ref));

  /** Does the write between two looks at the object. */
  const watched = async <T extends KubeObject>(
    ref: ObjectRef,
    write: () => Promise<T>,
    { caller, subresource }: { readonly caller: Caller; readonly subresource?: Subresource | undefined },
  ): Promise<T> => {
    const row = caller.onWarning === undefined || subresource === 'status' ? undefined : rowOf(ref);
    if (row === undefined) return write();
    const before = await client.get(ref, caller);
    const after = await write();
    const told: ForeignWrite = {
      ...{ schema: client.schema, row, before, after },
      autoscaled: ownership.isAutoscaled(ref),
      backedOff: ownership.backedOff(),
      dryRun: caller.dryRun === true,
    };
    for (const text of writeWarnings(told)) caller.onWarning?.(text);
    return after;
  };

  return {
    ...client,
    create: (object, caller) =>
      watched(writtenRef(client, object), () => client.create(object, caller), { caller }),
    update: (object, caller, options) =>
      watched(writtenRef(client, object), () => client.update(object, caller, options), {
        caller,
        subresource: options?.subresource,
      }),
    patch: (ref, patch, caller, options) =>
      watched(ref, () => client.patch(ref, patch, caller, options), {
        caller,
        subresource: options?.subresource,
      }),
    async delete(ref, options, caller) {
      const row = rowOf(ref);
      const before = row === undefined ? null : await client.get(ref, caller);
      const left = await client.delete(ref, options, caller);
      const again = { dryRun: caller.dryRun === true };
      const text = row === undefined ? null : deletionWarning(row, before, again);
      if (text !== null) caller.onWarning?.(text);
      if (ref.group === '' && ref.kind === 'Namespace' && row === undefined)
        warnOfContent(ownership, ref, caller);
      return left;
    },
  };
}

/** What is in a namespace that git does not name, while git names what is in it. */
function warnOfContent(ownership: Ownership, { name }: ObjectRef, caller: Caller): void {
  const rows = [...ownership.inventory().values()].filter(({ ref }) => ref.namespace === name);
  const [first] = rows;
  if (first === undefined) return;
  const more = rows.length > 1 ? ` and ${rows.length - 1} more objects` : '';
  caller.onWarning?.(
    `${refText(first.ref)} (${first.path} at commit ${first.applied.commit.slice(0, 7)})${more} in it are managed by git, which does not name the namespace: they are not made again until it is there.`,
  );
}

/** Of an object as it was written: its kind may be of an old group. */
function writtenRef(client: Client, { apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const known = client.schema.kindOf(apiVersion, kind);
  return {
    group: known?.group ?? groupOf(apiVersion),
    kind: known?.kind ?? kind,
    namespace: known?.namespaced === false ? '' : (metadata.namespace ?? ''),
    name: metadata.name ?? '',
  };
}
