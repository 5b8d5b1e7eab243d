import type { FieldPath } from '../finding.ts';
import { nameWords } from '../name-wording.ts';
import { checkPortName, checkPortNumber } from '../names.ts';
import type { At } from '../rule.ts';
import { invalidValue } from '../wording.ts';

export function checkPort(at: At, port: number | undefined, path: FieldPath): void {
  if (port === undefined) return;
  for (const wrong of checkPortNumber(port))
    at.error('invalid-port', path, `${wrong}; it is ${port}`, {
      wording: invalidValue(port, nameWords(wrong)),
    });
}

export function checkPortText(at: At, name: string | undefined, path: FieldPath): void {
  if (name === undefined || name === '') return;
  for (const wrong of checkPortName(name))
    at.error('invalid-port', path, `${wrong}; it is ${JSON.stringify(name.slice(0, 80))}`, {
      wording: invalidValue(name, nameWords(wrong)),
    });
}

/** A port by number or by name. A text of digits is a name that is none: written with quotes by mistake. */
export function checkPortOrName(at: At, port: number | string | undefined, path: FieldPath): void {
  if (typeof port === 'number') checkPort(at, port, path);
  else if (port !== undefined && /^\d{1,5}$/.test(port))
    at.error('invalid-port', path, `is the text "${port}"; write the number without quotes`, {
      suggestion: port,
      wording: invalidValue(port, 'must contain at least one letter (a-z)'),
    });
  else checkPortText(at, port, path);
}
