/** Whether `path` stays inside the folder it is put into: relative, no `..`, no NUL. Source: API validation of volume paths. */
export function isConfined(path: string): boolean {
  if (path === '' || path.startsWith('/') || path.includes('\0')) return false;
  return !path.split('/').includes('..');
}
