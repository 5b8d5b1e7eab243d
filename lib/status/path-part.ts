import { createHash } from 'node:crypto';

/** What a part of a path may be at most with an ending, on every file system; trees hold no longer ones. */
const PART_CHARACTERS_MAX = 200;

/**
 * A name as one part of a path. The usual ones are their own; in others (RBAC's hold anything, and what git names wrongly is reported
 * too) what a path must not hold is percent-encoded, and one that is too long, or no text, is cut and told from others by a digest.
 */
export function pathPart(name: string): string {
  if (PLAIN.test(name)) return name;
  const text = name.toWellFormed();
  // A leading dot: `.`, `..`, `.git`; a closing one, and `~`, are what Windows takes for them.
  const encoded = encodeURIComponent(text).replace(
    /^\.|\.$|~/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (text === name && encoded !== '' && encoded.length <= PART_CHARACTERS_MAX) return encoded;
  const digest = createHash('sha256').update(name, 'utf16le').digest('hex').slice(0, 16);
  return `${encoded.slice(0, PART_CHARACTERS_MAX - 20).replace(/%.?$/, '')}%${digest}`;
}

const PLAIN = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9_-])?$/;
