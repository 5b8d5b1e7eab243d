import { limits } from '../../base/limits.ts';

/**
 * Values of Warning headers: `299 - "text"`, quoted, what cannot be printed left out, as bytes of UTF-8. They are cut only when all
 * of them are too much for one answer. Source: RFC 7234, 5.5; apimachinery NewWarningHeader; apiserver's recorder of warnings.
 */
export function warningHeaders(warnings: Iterable<string>): readonly string[] {
  const texts = [...new Set([...warnings].map(printable))].filter((text) => text !== '');
  const chars = texts.reduce((total, text) => total + text.length, 0);
  const cut = chars > limits.serverWarningsCharsMax;
  const kept: string[] = [];
  let left: number = limits.serverWarningsCharsMax;
  for (const text of texts) {
    const shown = cut ? firstChars(text, limits.serverWarningCharsMax) : text;
    left -= shown.length;
    if (left < 0) break;
    kept.push(`299 - "${Buffer.from(shown.replace(/[\\"]/g, '\\$&'), 'utf8').toString('latin1')}"`);
  }
  return kept;
}

/** Without control characters, and without halves of characters. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}

/** Never half a character. */
function firstChars(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}
