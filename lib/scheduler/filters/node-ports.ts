import { portsCollide } from '../facts/host-ports.ts';
import type { Filter, Refusal } from './filter.ts';

const TAKEN: Refusal = {
  filter: 'NodePorts',
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  isFinal: false,
};

/** A port of the node is one pod's only. */
export const nodePorts: Filter = {
  name: 'NodePorts',
  prepare: ({ hostPorts }) =>
    hostPorts.length === 0
      ? null
      : {
          test: ({ pods }) =>
            pods.some((other) =>
              other.hostPorts.some((taken) => hostPorts.some((wanted) => portsCollide(wanted, taken))),
            )
              ? TAKEN
              : null,
        },
};
