import { limits } from '../../base/limits.ts';

type Open = { readonly keys: Set<string> | null; readonly path: string; key: string; index: number };

/**
 * The fields that stand more than once in one object of a JSON text, as paths: `spec.containers[0].name`. Each once, in order, up to
 * the bound of warnings. The text is JSON: it was parsed. One pass, whatever it holds.
 */
export function duplicateFields(text: string): readonly string[] {
  const found = new Set<string>();
  const open: Open[] = [];
  let wantsKey = false;
  for (let at = 0; at < text.length && found.size < limits.serverWarningsMax; at += 1) {
    const top = open.at(-1);
    switch (text[at]) {
      case '"': {
        const end = endOfText(text, at);
        if (wantsKey && top !== undefined && top.keys !== null) {
          const raw = text.slice(at + 1, end);
          top.key = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
          if (top.keys.has(top.key)) found.add(pathOf(top));
          top.keys.add(top.key);
          wantsKey = false;
        }
        at = end;
        break;
      }
      case '{':
      case '[': {
        const isObject = text[at] === '{';
        const path = top === undefined ? '' : pathOf(top);
        open.push({ keys: isObject ? new Set() : null, path, key: '', index: 0 });
        wantsKey = isObject;
        break;
      }
      case '}':
      case ']':
        open.pop();
        wantsKey = false;
        break;
      case ',':
        if (top !== undefined) top.index += 1;
        wantsKey = top !== undefined && top.keys !== null;
        break;
    }
  }
  return [...found];
}

function pathOf({ keys, path, key, index }: Open): string {
  if (keys === null) return `${path}[${index}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Where the text that begins here has its closing quote: one with an even number of backslashes before it. */
function endOfText(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at >= 0) {
    let before = at;
    while (text[before - 1] === '\\') before -= 1;
    if ((at - before) % 2 === 0) return at;
    at = text.indexOf('"', at + 1);
  }
  return text.length;
}
