/** The words of a command line: parted by spaces, but where quotes hold them together. `$NAME` is put in beforehand. */
export function kubectlWords(line: string, variables: ReadonlyMap<string, string>): readonly string[] {
  const filled = line.replace(/\$([A-Z]+)/g, (whole, name: string) => variables.get(name) ?? whole);
  const words = filled.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /'([^']*)'|"([^"]*)"/g,
      (_whole, single: string | undefined, double: string | undefined) => single ?? double ?? '',
    ),
  );
}
