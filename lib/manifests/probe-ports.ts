import { isArray, isObject, type JsonObject } from '../base/json.ts';
import type { FieldPath } from '../schema/finding.ts';
import { textAt, valueAt } from './field-pattern.ts';

export type UnknownProbePort = {
  readonly path: FieldPath;
  readonly name: string;
  readonly container: string;
  /** The names its container gives its ports. */
  readonly known: readonly string[];
};

const HANDLERS = [
  ['startupProbe'],
  ['readinessProbe'],
  ['livenessProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
] as const;

/**
 * Ports that probes and hooks call by a name that no port of their own container has: such a probe fails each time.
 * `at`: the path of the pod's spec. Never throws, whatever the spec's shape.
 */
export function unknownProbePorts(spec: JsonObject, at: FieldPath): readonly UnknownProbePort[] {
  const found: UnknownProbePort[] = [];
  for (const list of ['initContainers', 'containers']) {
    const containers = valueAt(spec, list);
    if (!isArray(containers)) continue;
    for (const [index, container] of containers.entries()) {
      if (!isObject(container)) continue;
      for (const handler of HANDLERS) {
        for (const action of ['httpGet', 'tcpSocket']) {
          const name = textAt(container, ...handler, action, 'port');
          if (name === undefined || /^[0-9]+$/.test(name)) continue;
          const known = portNames(container);
          if (known.includes(name)) continue;
          const path = [...at, list, index, ...handler, action, 'port'];
          found.push({ path, name, container: textAt(container, 'name') ?? '', known });
        }
      }
    }
  }
  return found;
}

function portNames(container: JsonObject): readonly string[] {
  const ports = valueAt(container, 'ports');
  return isArray(ports) ? ports.flatMap((port) => textAt(port, 'name') ?? []) : [];
}
