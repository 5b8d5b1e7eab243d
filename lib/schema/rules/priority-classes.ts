import { type Rule, typeNamed } from '../rule.ts';
import { systemClasses, userPriorityMax } from '../system-priority.ts';
import { forbiddenField } from '../wording.ts';

type Class = { readonly metadata?: { readonly name?: string }; readonly value?: number };

/** What is above all others is the system's own. Source: scheduling validation.go ValidatePriorityClass. */
const priorityClass: Rule = {
  on: typeNamed('scheduling/v1.PriorityClass'),
  check({ metadata, value = 0 }: Class, at) {
    const name = metadata?.name ?? '';
    if (name.startsWith('system-')) {
      if (systemClasses.get(name) === value) return;
      at.error(
        'invalid-name',
        ['metadata', 'name'],
        "cannot begin with 'system-': those names are the system's own",
        {
          wording: forbiddenField(
            "priority class names with 'system-' prefix are reserved for system use only",
          ),
        },
      );
    } else if (value > userPriorityMax)
      at.error('out-of-range', ['value'], `must be at most ${userPriorityMax}; it is ${value}`, {
        wording: forbiddenField(`maximum allowed value of a user defined priority is ${userPriorityMax}`),
      });
  },
};

export const priorityClasses: readonly Rule[] = [priorityClass];
