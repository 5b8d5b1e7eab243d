/**
 * Whether Go's standard base64 decoder takes the text: the padded alphabet with + and /, line breaks anywhere. Linear in
 * the text, with no back-tracking.
 */
export function isBase64(text: string): boolean {
  const compact = /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, '') : text;
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
}
