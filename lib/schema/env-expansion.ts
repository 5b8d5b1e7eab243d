/**
 * Replaces `$(NAME)` by the variable's value. `$$` is a dollar sign; a name that is not there, and anything else after a
 * dollar sign, stays as written; values are not expanded again. Linear in the text's length.
 * Source: kubernetes third_party/forked/golang/expansion.
 */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): string {
  const lastClose = text.lastIndexOf(')');
  let expanded = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) break;
    expanded += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === '(' && dollar + 1 < lastClose) {
      const close = text.indexOf(')', dollar + 2);
      expanded += variables.get(text.slice(dollar + 2, close)) ?? text.slice(dollar, close + 1);
      at = close + 1;
    } else {
      expanded += next === '$' ? '$' : `$${next ?? ''}`;
      at = dollar + 2;
    }
  }
  return expanded + text.slice(at);
}
