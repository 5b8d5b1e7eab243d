const metaVersions = ['v1', 'v1beta1'] as const;
/** Of meta.k8s.io: the forms of answers. */
export type MetaVersion = (typeof metaVersions)[number];

/** The form an answer is asked for in. */
export type Form =
  | { readonly as: 'object' }
  | { readonly as: 'Table'; readonly version: MetaVersion }
  | { readonly as: 'PartialObjectMetadata'; readonly version: MetaVersion };

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/*', '*/*']);

/** One media range of an Accept header, e.g. `application/json;as=Table;g=meta.k8s.io;v=v1`. */
export type MediaRange = { readonly type: string; readonly parameters: ReadonlyMap<string, string> };

/** In the order of the header; those of quality 0 are left out. No header accepts everything. */
export function mediaRanges(accept: string | undefined): readonly MediaRange[] {
  if (accept === undefined || accept.trim() === '') return [{ type: '*/*', parameters: new Map() }];
  const ranges = accept.split(',').map((text) => {
    const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
    const pairs = parameters.map((part): [string, string] => {
      const at = part.indexOf('=');
      return at < 0 ? [part.toLowerCase(), ''] : [part.slice(0, at).toLowerCase(), part.slice(at + 1)];
    });
    return { type: type.toLowerCase(), parameters: new Map(pairs) };
  });
  return ranges
    .filter(({ parameters }) => qualityOf(parameters) > 0)
    .map((range, at) => ({ range, at }))
    .sort((a, b) => qualityOf(b.range.parameters) - qualityOf(a.range.parameters) || a.at - b.at)
    .map(({ range }) => range);
}

function qualityOf(parameters: ReadonlyMap<string, string>): number {
  const quality = Number(parameters.get('q') ?? '1');
  return Number.isNaN(quality) ? 1 : quality;
}

/** The first form asked for that is served; null: none of them is (406). Everything is answered in JSON. */
export function acceptedForm(accept: string | undefined): Form | null {
  for (const { type, parameters } of mediaRanges(accept)) {
    if (!JSON_TYPES.has(type)) continue;
    const as = parameters.get('as');
    if (as === undefined) return { as: 'object' };
    const version = metaVersions.find((each) => each === parameters.get('v'));
    if (parameters.get('g') !== 'meta.k8s.io' || version === undefined) continue;
    if (as === 'Table') return { as, version };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return { as: 'PartialObjectMetadata', version };
    }
  }
  return null;
}
