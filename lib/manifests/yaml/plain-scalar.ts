/** What a plain (unquoted, untagged) scalar stands for; `problem` when it has no JSON value. */
export type PlainScalar =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'merge' }
  | {
      readonly kind: 'problem';
      readonly ruleId: 'integer-too-large' | 'not-a-number';
      readonly message: string;
    };

const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);

const notNumbers: ReadonlySet<string> = new Set([
  ...['.nan', '.NaN', '.NAN'],
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
]);

/** First characters that can begin anything but text: everything else is text without another look. */
const SPECIAL_FIRST = /^[-+.0-9yYnNtTfFoO~<]/;
const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;
/** Go's integer literals, base prefix and all: a leading 0 alone means octal. */
const PREFIXED = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * Resolves a plain scalar as sigs.k8s.io/yaml (its copy of go-yaml v2) does: YAML 1.1 booleans with `y` and `n`,
 * octal `0755` and `0o755`, binary and hexadecimal, `_` inside numbers, no base 60, timestamps stay text.
 * Differs on purpose: integers beyond 2^53, which JSON numbers would round silently, are problems, so is infinity.
 * Source: sigs.k8s.io/yaml goyaml.v2 resolve.go.
 */
export function resolvePlainScalar(text: string): PlainScalar {
  if (text !== '' && !SPECIAL_FIRST.test(text)) return { kind: 'value', value: text };
  const word = words.get(text);
  if (word !== undefined) return { kind: 'value', value: word };
  if (text === '<<') return { kind: 'merge' };
  if (notNumbers.has(text)) return notANumber(text);
  return resolveNumber(text) ?? { kind: 'value', value: text };
}

function resolveNumber(text: string): PlainScalar | undefined {
  // A leading dot is read as a float with its underscores left in, which then is none: upstream's order of tests.
  const dotted = text.startsWith('.');
  if (!dotted && !/^[-+0-9]/.test(text)) return undefined;
  const plain = dotted ? text : text.replaceAll('_', '');
  if (DECIMAL.test(plain)) return integer(Number(plain));
  const prefixed = dotted ? null : PREFIXED.exec(plain);
  if (prefixed !== null) {
    const [, sign, hex, octal, binary] = prefixed;
    const digits = hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o${octal}` : `0b${binary}`;
    return integer(sign === '-' ? -Number(digits) : Number(digits));
  }
  if (!FLOAT.test(plain)) return undefined;
  const value = Number(plain);
  // Upstream's ParseFloat fails out of range and the scalar stays text.
  if (!Number.isFinite(value)) return undefined;
  // A long run of digits with a leading 0 that is no octal number is a float upstream too, rounded silently.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && !/[.eE]/.test(plain)) return integer(value);
  return { kind: 'value', value: value === 0 ? 0 : value };
}

function integer(value: number): PlainScalar {
  if (Number.isSafeInteger(value)) return { kind: 'value', value: value === 0 ? 0 : value };
  return {
    kind: 'problem',
    ruleId: 'integer-too-large',
    message: 'This integer is too large to be kept exactly. Where text is meant, put it in quotes.',
  };
}

function notANumber(text: string): PlainScalar {
  return {
    kind: 'problem',
    ruleId: 'not-a-number',
    message: `${text} has no meaning in a manifest. Write a finite number.`,
  };
}

/**
 * The text of a mapping key that is not text: upstream turns integers and booleans into their words, floats into their
 * shortest single-precision form. Undefined: the key cannot be used (null, or a float that needs an exponent).
 */
export function keyText(value: string | number | boolean | null): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value === null) return undefined;
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return undefined;
  const single = Math.fround(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return String(short);
  }
  return undefined;
}
