/** A path inside the container and where it really is. */
export type PathMapping = { readonly from: string; readonly to: string };

/** Characters that may stand before a path in an argument or a variable: `--config=/x`, `a:/x`, `"/x"`, `@/x`. */
const BEFORE = /[\s"'`=:;,&|<>()[\]{}@$!]/;
/** Characters that end the last name of a path; everything else could be a part of it. */
const AFTER = /[\s"'`=:;,&|<>()[\]{}$!/#]/;

/**
 * Replaces every path in `text` that is, or lies under, the `from` of a mapping; the longest `from` wins. Names are matched whole
 * (`/data` is not in `/database` nor in `/srv/data`), and what was replaced is not looked at again. Linear in the text.
 */
export function rewritePaths(text: string, mappings: readonly PathMapping[]): string {
  const sorted = normalised(mappings);
  if (sorted.length === 0 || !text.includes('/')) return text;
  let result = '';
  let copied = 0;
  for (let at = text.indexOf('/'); at >= 0; ) {
    const mapping = startsPath(text, at) ? sorted.find((one) => isAt(text, at, one.from)) : undefined;
    if (mapping === undefined) {
      at = text.indexOf('/', at + 1);
      continue;
    }
    result += text.slice(copied, at) + mapping.to;
    copied = at + mapping.from.length;
    at = text.indexOf('/', copied);
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function normalised(mappings: readonly PathMapping[]): readonly PathMapping[] {
  return mappings
    .map(({ from, to }) => ({ from: from.replace(/\/{1,64}$/, ''), to: to.replace(/\/{1,64}$/, '') }))
    .filter(({ from }) => from.startsWith('/'))
    .sort((a, b) => b.from.length - a.from.length);
}

function startsPath(text: string, at: number): boolean {
  if (at === 0 || BEFORE.test(text[at - 1] ?? '')) return true;
  // The third slash of file:///data; in http://host/data no path starts.
  return text.startsWith('file://', at - 7);
}

function isAt(text: string, at: number, from: string): boolean {
  if (!text.startsWith(from, at)) return false;
  const next = text[at + from.length];
  return next === undefined || AFTER.test(next);
}
