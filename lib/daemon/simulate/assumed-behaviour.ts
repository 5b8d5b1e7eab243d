import { isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { BEHAVIOUR_ANNOTATION } from '../../runtime/simulated/simulated-behaviour.ts';
import type { Pod } from '../../schema/types.gen.ts';

/** How long what runs to its end is taken to run: nobody can know. */
export const RUN_TO_END_MS = 1_000;

/**
 * The annotation by which a simulated pod does what is assumed of programs: init containers end well at once, what runs to an end does
 * so after a second, all else starts, stays, and passes its probes at the first look. What the pod's own annotation says goes before it.
 */
export function assumedBehaviour(pod: Pod): string {
  const own = ownWishes(pod.metadata.annotations?.[BEHAVIOUR_ANNOTATION]);
  const { containers: wishes, ...forAll } = own;
  const { initContainers = [], containers, restartPolicy = 'Always' } = pod.spec;
  const ends = restartPolicy === 'Always' ? {} : { exitAfterMs: RUN_TO_END_MS };
  const assumed = [
    ...initContainers.map(({ name, restartPolicy: stays }): [string, JsonObject] => [
      name,
      stays === 'Always' ? {} : { exitAfterMs: 0 },
    ]),
    ...containers.map(({ name }): [string, JsonObject] => [name, ends]),
  ];
  const said = (name: string): JsonObject => {
    const wish = isObject(wishes) && Object.hasOwn(wishes, name) ? wishes[name] : undefined;
    return isObject(wish) ? wish : {};
  };
  const each = assumed.map(([name, calm]) => [name, { ...calm, ...forAll, ...said(name) }]);
  return JSON.stringify({ containers: Object.fromEntries(each) });
}

function ownWishes(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  try {
    const wishes = JSON.parse(text) as JsonValue;
    return isObject(wishes) ? wishes : {};
  } catch {
    return {};
  }
}
