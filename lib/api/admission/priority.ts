import type { KubeObject } from '../../schema/object.ts';
import { systemClasses } from '../../schema/system-priority.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { forbidden } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';

const CLASS = { group: 'scheduling.k8s.io', kind: 'PriorityClass' } as const;

/**
 * A pod's class becomes a number. Without a class it has the one that is the default of all, or 0; a number that it brings along must be
 * that of its class. There is one default at most. Source: Priority admission.
 */
export function admitPriority(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group === CLASS.group && kind.kind === CLASS.kind) refuseSecondDefault(context, admission);
  const spec = (object as Pod).spec as Pod['spec'] | undefined;
  if (kind.group !== '' || kind.kind !== 'Pod' || previous !== undefined || spec === undefined) return object;
  const name = spec.priorityClassName || undefined;
  const found = name === undefined ? (defaultClass(context) ?? { priority: 0 }) : classOf(context, name);
  if (found === null) {
    throw forbidden(kind, object.metadata.name, `no PriorityClass with name ${name ?? ''} was found`);
  }
  if (spec.priority !== undefined && spec.priority !== found.priority) {
    throw forbidden(
      kind,
      object.metadata.name,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${found.priority} from the given PriorityClass name`,
    );
  }
  if (
    spec.preemptionPolicy !== undefined &&
    found.preemptionPolicy !== undefined &&
    spec.preemptionPolicy !== found.preemptionPolicy
  ) {
    throw forbidden(
      kind,
      object.metadata.name,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${found.preemptionPolicy} from the given PriorityClass name`,
    );
  }
  return { ...object, spec: { preemptionPolicy: 'PreemptLowerPriority', ...spec, ...found } } as KubeObject;
}

type Found = {
  readonly priority: number;
  readonly preemptionPolicy?: string;
  readonly priorityClassName?: string;
};

function classOf(context: WriteContext, name: string): Found | null {
  const system = systemClasses.get(name);
  if (system !== undefined) return { priority: system };
  const classes = context.schema.kind(CLASS);
  const found = classes && context.staging.get(classes, { namespace: '', name });
  return found === undefined ? null : foundIn(found);
}

function foundIn({ value, preemptionPolicy }: KubeObject): Found | null {
  if (typeof value !== 'number') return null;
  return { priority: value, ...(typeof preemptionPolicy === 'string' && { preemptionPolicy }) };
}

function defaults(context: WriteContext): readonly KubeObject[] {
  const classes = context.schema.kind(CLASS);
  const all = classes === undefined ? [] : context.staging.inNamespace(classes, '');
  return all.filter(({ globalDefault }) => globalDefault === true);
}

/** Of several, which can only have come in one moment, the lowest. Source: getDefaultPriorityClass. */
function defaultClass(context: WriteContext): Found | null {
  let lowest: Found | null = null;
  for (const each of defaults(context)) {
    const found = foundIn(each);
    if (found === null || (lowest !== null && lowest.priority <= found.priority)) continue;
    lowest = { ...found, priorityClassName: each.metadata.name };
  }
  return lowest;
}

function refuseSecondDefault(context: WriteContext, { kind, object }: Admission): void {
  if (object.globalDefault !== true) return;
  const other = defaults(context).find(({ metadata }) => metadata.name !== object.metadata.name);
  if (other === undefined) return;
  throw forbidden(
    kind,
    object.metadata.name,
    `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
  );
}
