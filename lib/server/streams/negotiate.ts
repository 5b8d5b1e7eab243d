/** The first that the client names and the server speaks; null: there is none. Source: apimachinery httpstream.Handshake. */
export function negotiate<T extends string>(offered: readonly string[], spoken: readonly T[]): T | null {
  for (const name of offered) {
    const found = spoken.find((each) => each === name);
    if (found !== undefined) return found;
  }
  return null;
}

/** The values of a header that may come several times, each with several, parted by commas. */
export function listed(values: readonly string[] | undefined): readonly string[] {
  return (values ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}
