import type { ErrorCode } from 'yaml';

/** What to tell people of a syntax error; the library's own wording is for YAML experts. */
export type SyntaxMessage = { readonly message: string; readonly suggestion?: string };

const messages: Readonly<Partial<Record<ErrorCode, SyntaxMessage>>> = {
  ALIAS_PROPS: { message: 'An alias cannot have an anchor or a tag.' },
  BAD_ALIAS: { message: 'This is no alias name. To write text that begins with *, put it in quotes.' },
  BAD_COLLECTION_TYPE: { message: 'The tag does not fit this value.' },
  BAD_DIRECTIVE: { message: 'This directive is not understood.' },
  BAD_DQ_ESCAPE: {
    message: 'There is no such escape in double quotes.',
    suggestion: 'Write \\\\ for a backslash, or use single quotes.',
  },
  BAD_INDENT: { message: 'The indentation does not fit the lines around it.' },
  BAD_PROP_ORDER: { message: 'An anchor or tag stands in the wrong place.' },
  BAD_SCALAR_START: {
    message: 'Text cannot begin with this character.',
    suggestion: 'Put the text in quotes.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message:
      'A mapping cannot begin here: there is one key: value too many on this line, or the indentation is wrong.',
    suggestion: 'Text that holds ": " needs quotes.',
  },
  BLOCK_IN_FLOW: { message: 'Inside [ ] or { } everything is written in that style.' },
  KEY_OVER_1024_CHARS: { message: 'A key is longer than 1024 characters.' },
  MISSING_CHAR: {
    message: 'Something is missing here: a colon, a comma, a closing quote or bracket, or a space.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'A key must stand on one line: a colon is missing, or the indentation is wrong.',
  },
  MULTIPLE_ANCHORS: { message: 'A value has one anchor at most.' },
  MULTIPLE_TAGS: { message: 'A value has one tag at most.' },
  TAB_AS_INDENT: { message: 'A tab is used as indentation.', suggestion: 'Indent with spaces.' },
  UNEXPECTED_TOKEN: { message: 'This does not belong here.' },
};

/** @param written the text at the place of the error */
export function syntaxMessage(code: ErrorCode, written: string): SyntaxMessage {
  const known = messages[code] ?? { message: 'The text could not be parsed.' };
  if (code === 'BAD_SCALAR_START' && written.startsWith('\t')) return messages.TAB_AS_INDENT ?? known;
  return known;
}
