/** A directory of a repository as trees name it: `./deploy/` is `deploy`, `.` the root, ''. */
export function sourcePath(text: string): string {
  return text
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
