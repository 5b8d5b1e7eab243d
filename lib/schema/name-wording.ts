import {
  checkConfigMapKey,
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelValue,
  checkPortName,
  checkQualifiedName,
  type NameCheck,
} from './names.ts';

const ENDS = 'and must start and end with an alphanumeric character';

/** What the API says of a text that has not the form of a name, by what the check says of it. */
const WORDS: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        checkDns1123Label,
        `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ENDS}`,
      ],
      [
        checkDns1123Subdomain,
        `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ENDS}`,
      ],
      [
        checkDns1035Label,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
      ],
      [checkQualifiedName, `name part must consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`],
      [
        checkLabelValue,
        `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`,
      ],
      [checkConfigMapKey, "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"],
      [checkPortName, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
    ] as const satisfies readonly (readonly [NameCheck, string])[]
  ).map(([check, words]) => [check('?')[0] ?? '', words]),
);

/** The same in the API's words; what has none stays as it is. */
export function nameWords(why: string): string {
  return WORDS.get(why) ?? WORDS.get(why.replace(/^has a bad key: /, '')) ?? why;
}
