import { quote } from '../../agent/entering.ts';
import type { Composition } from '../oci/compose-mounts.ts';
import type { PlannedMount } from '../oci/container-plan.ts';
import { INNER_FUNCTIONS } from './inner-functions.ts';

/** Where in its bundle a container's compositions are. */
export const COMPOSED = 'composed';

/** Words for sh, in the bundle's directory, in a mount namespace that nobody shares: puts the compositions together. */
export function composeWords(compositions: readonly Composition[]): readonly string[] {
  if (compositions.length === 0) return [];
  return [
    '(',
    `mkdir -p ${compositions.map((_, at) => `${COMPOSED}/${at}`).join(' ')}`,
    `cd -P ${COMPOSED}`,
    INNER_FUNCTIONS,
    'composed=$PWD stage=$PWD/stage',
    ...compositions.flatMap(oneOf),
    ')',
  ];
}

function oneOf({ outer, inner }: Composition, at: number): readonly string[] {
  return [
    // All of it can be changed by others, from the start.
    `root=$composed/${at} base=${quote(outer.destination)} held0=$composed/${at} count=1`,
    'cd -P "$composed"',
    `attach bind ${quote(outer.source)} ${quote(optionsOf(outer, 'rprivate'))} "$root"`,
    ...(outer.options.includes('rro') ? ['deepen "$root"'] : []),
    ...inner.map((mount) => putLine(mount, mount.destination.slice(outer.destination.length))),
  ];
}

/** `put` of one mount at a path below `root`. */
export function putLine(mount: PlannedMount, path: string): string {
  const deep = mount.options.includes('rro') ? ' deep' : '';
  return `put ${mount.type} ${[mount.source, path, optionsOf(mount)].map(quote).join(' ')}${deep}`;
}

/** As mount(8) reads them: it has no word for `rro`, and what is not shared need not be said to be private. */
function optionsOf({ options }: PlannedMount, propagation?: 'rprivate'): string {
  return options
    .filter((option) => option !== 'rro' && (option !== 'rprivate' || option === propagation))
    .join(',');
}
