import type { Informer } from '../api/informer.ts';
import { withCustomResources } from '../schema/custom-resources.ts';
import type { Schema } from '../schema/schema.ts';

export const CRD = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' } as const;

/** A schema that CustomResourceDefinitions add to while it is in use: always the same object, ever more kinds. */
export type GrowingSchema = Schema & {
  /** Takes the kinds of live definitions from now on; `onGrowth` is called after each change. */
  follow(definitions: Informer, onGrowth: () => void): void;
};

export function growingSchema(builtin: Schema): GrowingSchema {
  let current = builtin;
  return {
    get kinds() {
      return current.kinds;
    },
    kindOf: (apiVersion, kind) => current.kindOf(apiVersion, kind),
    kind: (ref) => current.kind(ref),
    kindByPlural: (group, plural) => current.kindByPlural(group, plural),
    type: (typeName) => current.type(typeName),
    follow(definitions, onGrowth) {
      const grow = (): void => {
        // Sorted: of two definitions of one kind the same one counts at every start.
        const sorted = [...definitions.objects]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([, object]) => object);
        current = withCustomResources(builtin, sorted);
      };
      grow();
      definitions.onChange(() => {
        grow();
        onGrowth();
      });
    },
  };
}
