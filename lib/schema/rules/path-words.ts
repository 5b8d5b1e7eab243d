/** What the API says of a path that should lead down from where it begins. */
export function pathWords(path: string): string {
  if (path.startsWith('/')) return 'must be a relative path';
  return path.split('/').includes('..') ? "must not contain '..'" : "must not start with '..'";
}
