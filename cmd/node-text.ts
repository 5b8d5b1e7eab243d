import { isObject, type JsonValue } from '../lib/base/json.ts';
import { abilitiesOf } from '../lib/runtime/node/node-ability.ts';
import type { Node } from '../lib/schema/types.gen.ts';
import { forTerminal } from './for-terminal.ts';

/** `pintle status --node` for people: what pods can have on this machine and what they cannot, with the reasons. */
export function nodeText(value: JsonValue): string {
  // The daemon is ours: what it answers is its Node.
  const { metadata, status } = (isObject(value) ? value : {}) as Partial<Node>;
  const { nodeInfo, capacity = {}, conditions } = status ?? {};
  const amounts = Object.entries(capacity).map(([name, amount]) => `${name} ${amount}`);
  const ready = conditions?.find(({ type }) => type === 'Ready');
  const abilities = abilitiesOf(conditions);
  const width = Math.max(0, ...abilities.map(({ name }) => name.length));
  return [
    `${metadata?.name ?? 'node'}  ${ready?.status === 'True' ? 'Ready' : `NotReady: ${ready?.message ?? 'not known yet'}`}`,
    `  runtime  ${nodeInfo?.containerRuntimeVersion ?? ''}`,
    `  has      ${amounts.join(', ')}`,
    ...(abilities.length === 0 ? [] : ['Pods on this node']),
    ...abilities.map(
      ({ name, has, message }) => `  ${has ? 'yes' : 'no '}  ${name.padEnd(width)}  ${message}`,
    ),
  ]
    .map((line) => `${forTerminal(line)}\n`)
    .join('');
}
