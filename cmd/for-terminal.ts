/** What our own colours begin with; nothing that hides, blinks, moves or asks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const COLOUR = /^\x1b\[(?:0|1|2|22|3[0-9]|9[0-7])m/;
/** Control characters but newline and tab, and those that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text as a terminal may get it. Commits, manifests and programs in pods write much of what we print, and a terminal obeys what it
 * reads: control characters are shown as `\u001b` (which JSON reads back as what it was), our own colours stay.
 */
export function forTerminal(text: string): string {
  return text.replace(CONTROL, (found, at: number) =>
    COLOUR.test(text.slice(at, at + 8)) ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
