/**
 * Validators of names. Each takes the text and returns what is wrong with it, as sentence fragments that follow the field's
 * name ("must be …"); empty when it is good. Source: apimachinery util/validation.
 */
export type NameCheck = (text: string) => readonly string[];

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_CHARS_MAX = 63;
const SUBDOMAIN_CHARS_MAX = 253;
const PORT_NAME_CHARS_MAX = 15;

const LABEL_FORM = 'lower case letters, digits and `-`, beginning and ending with a letter or digit';

type Form = { readonly pattern: RegExp; readonly form: string; readonly charsMax: number };

/** Length first: a pattern is never run over a text of unbounded length. */
function check(text: string, { pattern, form, charsMax }: Form): readonly string[] {
  if (text === '') return ['must not be empty'];
  if (text.length > charsMax) return [`must be no more than ${charsMax} characters`];
  return pattern.test(text) ? [] : [`must be ${form}`];
}

export const checkDns1123Label: NameCheck = (text) =>
  check(text, { pattern: LABEL, form: LABEL_FORM, charsMax: LABEL_CHARS_MAX });

export const checkDns1123Subdomain: NameCheck = (text) =>
  check(text, {
    pattern: SUBDOMAIN,
    form: `${LABEL_FORM}, in parts separated by \`.\``,
    charsMax: SUBDOMAIN_CHARS_MAX,
  });

export const checkDns1035Label: NameCheck = (text) =>
  check(text, {
    pattern: LABEL_1035,
    form: 'lower case letters, digits and `-`, beginning with a letter and ending with a letter or digit',
    charsMax: LABEL_CHARS_MAX,
  });

/** `*.` and a subdomain, as Ingress hosts may be. */
export const checkWildcardSubdomain: NameCheck = (text) =>
  text.startsWith('*.') && text.length <= SUBDOMAIN_CHARS_MAX
    ? checkDns1123Subdomain(text.slice(2))
    : ['must be `*.` and a DNS name'];

/** A DNS name of two parts at least; a dot at its end is allowed. */
export const checkFullyQualifiedName: NameCheck = (text) => {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const wrong = checkDns1123Subdomain(name);
  if (wrong.length > 0) return wrong;
  const parts = name.split('.');
  if (parts.length < 2) return ['must be a DNS name of two parts at least'];
  return parts.flatMap((part) => checkDns1123Label(part)).slice(0, 1);
};

/** A key of labels, annotations, taints, resources: `name` or `prefix.example.com/name`. */
export const checkQualifiedName: NameCheck = (text) => {
  const slash = text.indexOf('/');
  const prefix = slash < 0 ? null : text.slice(0, slash);
  const prefixWrong = prefix === null ? [] : checkDns1123Subdomain(prefix).map((why) => `prefix part ${why}`);
  const nameWrong = check(text.slice(slash + 1), {
    pattern: QUALIFIED,
    form: 'letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit',
    charsMax: LABEL_CHARS_MAX,
  });
  return [...prefixWrong, ...nameWrong.map((why) => `name part ${why}`)];
};

export const checkLabelKey: NameCheck = checkQualifiedName;

/** Annotation keys are compared in lower case, so capitals in the prefix are accepted. */
export const checkAnnotationKey: NameCheck = (text) => checkQualifiedName(text.toLowerCase());

export const checkLabelValue: NameCheck = (text) =>
  text === ''
    ? []
    : check(text, {
        pattern: QUALIFIED,
        form: 'empty, or letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit',
        charsMax: LABEL_CHARS_MAX,
      });

/** Any printable ASCII but `=`, as Kubernetes takes it since 1.30. */
export const checkEnvVarName: NameCheck = (text) =>
  check(text, {
    pattern: /^[ -<>-~]+$/,
    form: 'printable ASCII characters other than `=`',
    charsMax: Number.MAX_SAFE_INTEGER,
  });

/** The name of a container's or Service's port (RFC 6335). */
export const checkPortName: NameCheck = (text) => {
  const wrong = [
    ...check(text, {
      pattern: /^[-a-z0-9]+$/,
      form: 'lower case letters, digits and `-`',
      charsMax: PORT_NAME_CHARS_MAX,
    }),
  ];
  if (wrong.length > 0) return wrong;
  if (!/[a-z]/.test(text)) wrong.push('must contain a letter');
  if (text.includes('--')) wrong.push('must not contain `--`');
  if (text.startsWith('-') || text.endsWith('-')) wrong.push('must not begin or end with `-`');
  return wrong;
};

export function checkPortNumber(port: number): readonly string[] {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535'];
}

/** A key of a ConfigMap's or Secret's data: it becomes a file name. */
export const checkConfigMapKey: NameCheck = (text) => {
  const wrong = check(text, {
    pattern: /^[-._a-zA-Z0-9]+$/,
    form: 'letters, digits, `-`, `_` and `.`',
    charsMax: SUBDOMAIN_CHARS_MAX,
  });
  if (wrong.length > 0) return wrong;
  return text === '.' || text.startsWith('..') ? ['must not be `.` or begin with `..`'] : [];
};

export const checkHttpHeaderName: NameCheck = (text) =>
  check(text, {
    pattern: /^[-A-Za-z0-9]+$/,
    form: 'letters, digits and `-`',
    charsMax: Number.MAX_SAFE_INTEGER,
  });

export const checkPercent: NameCheck = (text) =>
  check(text, { pattern: /^[0-9]+%$/, form: 'digits and `%`', charsMax: LABEL_CHARS_MAX });

/** Names that are one segment of a URL, e.g. of Roles. */
export const checkPathSegment: NameCheck = (text) => {
  if (text === '') return ['must not be empty'];
  if (text === '.' || text === '..') return ['must not be `.` or `..`'];
  return /[/%]/.test(text) ? ['must not contain `/` or `%`'] : [];
};
