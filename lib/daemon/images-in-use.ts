import type { Caller, Client } from '../api/client.ts';
import type { Pod } from '../schema/types.gen.ts';

/** Images that pods have or are about to have, by the names in their specs and by the ids their statuses tell. Pods that are over have none. */
export async function imagesInUse(client: Client, caller: Caller): Promise<ReadonlySet<string>> {
  const { items } = await client.list<Pod>({ group: '', kind: 'Pod' }, {}, caller);
  return new Set(items.filter(({ status }) => !isOver(status?.phase)).flatMap(imagesOf));
}

const isOver = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

function imagesOf({ spec, status }: Pod): readonly string[] {
  const specs = [spec.containers, spec.initContainers, spec.ephemeralContainers];
  const statuses = [
    status?.containerStatuses,
    status?.initContainerStatuses,
    status?.ephemeralContainerStatuses,
  ];
  return [
    ...specs.flatMap((containers) => (containers ?? []).map(({ image }) => image)),
    ...statuses.flatMap((told) => (told ?? []).map(({ imageID }) => imageID)),
  ].flatMap((image) => (image === undefined || image === '' ? [] : [image]));
}
