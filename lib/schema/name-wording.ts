import {
  checkConfigMapKey,
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkEnvVarName,
  checkHttpHeaderName,
  checkLabelValue,
  checkPercent,
  checkPortName,
  checkQualifiedName,
  checkWildcardSubdomain,
  type NameCheck,
} from './names.ts';

/** The patterns that the API's messages end with. Facts of its behaviour; our own checks are in names.ts. */
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const ENDS = 'and must start and end with an alphanumeric character';

/** Two blanks stand before `or`: users search for the message as it is printed. */
function withPattern(what: string, examples: readonly string[], pattern: string): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${what} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** What the API says of a text that has not the form of a name, by what the check says of it. */
const WORDS: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        checkDns1123Label,
        withPattern(
          `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ENDS}`,
          ['my-name', '123-abc'],
          LABEL,
        ),
      ],
      [
        checkDns1123Subdomain,
        withPattern(
          `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ENDS}`,
          ['example.com'],
          SUBDOMAIN,
        ),
      ],
      [
        checkDns1035Label,
        withPattern(
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
          ['my-name', 'abc-123'],
          '[a-z]([-a-z0-9]*[a-z0-9])?',
        ),
      ],
      [
        checkQualifiedName,
        withPattern(
          `name part must consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`,
          ['MyName', 'my.name', '123-abc'],
          QUALIFIED,
        ),
      ],
      [
        checkLabelValue,
        withPattern(
          `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`,
          ['MyValue', 'my_value', '12345'],
          `(${QUALIFIED})?`,
        ),
      ],
      [
        checkConfigMapKey,
        withPattern(
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
          ['key.name', 'KEY_NAME', 'key-name'],
          '[-._a-zA-Z0-9]+',
        ),
      ],
      [checkPortName, 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
      [
        checkWildcardSubdomain,
        withPattern(
          "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
          ['*.example.com'],
          `\\*\\.${SUBDOMAIN}`,
        ),
      ],
      [
        checkHttpHeaderName,
        withPattern(
          "a valid HTTP header must consist of alphanumeric characters or '-'",
          ['X-Header-Name'],
          '[-A-Za-z0-9]+',
        ),
      ],
      [
        checkPercent,
        withPattern(
          "a valid percent string must consist of a numeric string followed by an ending '%'",
          ['1%', '93%'],
          '[0-9]+%',
        ),
      ],
    ] as const satisfies readonly (readonly [NameCheck, string])[]
  ).map(([check, words]) => [check('\u0000')[0] ?? '', words]),
);

/** What is said of a text for other reasons than its characters. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  [
    checkEnvVarName('\u0000')[0] ?? '',
    "a valid environment variable name must consist only of printable ASCII characters other than '='",
  ],
  ['name part must not be empty', 'name part must be non-empty'],
  ['prefix part must not be empty', 'prefix part must be non-empty'],
  [
    'must be a DNS name of two parts at least',
    'should be a domain with at least two segments separated by dots',
  ],
  ['must contain a letter', 'must contain at least one letter (a-z)'],
  ['must not contain `--`', 'must not contain consecutive hyphens'],
  ['must not begin or end with `-`', 'must not begin or end with a hyphen'],
  ['must not be `.` or begin with `..`', "must not be '.' or start with '..'"],
  ['must be between 1 and 65535', 'must be between 1 and 65535, inclusive'],
  ['must not be `.` or `..`', "may not be '.' or '..'"],
  ['must not contain `/` or `%`', "may not contain '/' or '%'"],
]);

const PREFIX = 'prefix part ';

/** The same in the API's words; what has none stays as it is. */
export function nameWords(why: string): string {
  const said = why.replace(/^has a bad key: /, '');
  const known = WORDS.get(said) ?? OTHER_WORDS.get(said);
  if (known !== undefined) return known;
  if (said.startsWith(PREFIX)) return `${PREFIX}${nameWords(said.slice(PREFIX.length))}`;
  const [, what = '', charsMax] = /^((?:name part )?)must be no more than (\d+) characters$/.exec(said) ?? [];
  return charsMax === undefined ? said : `${what}must be no more than ${charsMax} bytes`;
}
