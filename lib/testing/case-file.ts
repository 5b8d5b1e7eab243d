import { readFileSync } from 'node:fs';

/** One row of a file in fixtures/cases: facts from upstream's tables. `kind` names the sort of row where there are several. */
export type Case<Input, Expected> = {
  readonly name: string;
  readonly source: string;
  readonly kind?: string;
  readonly input: Input;
  readonly expected: Expected;
};

/** The cases of fixtures/cases/<area>.json. Titles of tests carry the row's number: names repeat. */
export function readCases<Input, Expected>(area: string): readonly Case<Input, Expected>[] {
  const file: { readonly cases: readonly Case<Input, Expected>[] } = JSON.parse(
    readFileSync(new URL(`../../fixtures/cases/${area}.json`, import.meta.url), 'utf8'),
  );
  return file.cases;
}
