/** What the API's authors say of types and fields, for `kubectl explain`. Optional: see generate-descriptions.ts. */
export type Descriptions = {
  /** By the full name of the type. */
  readonly types: Readonly<Record<string, string>>;
  /** By `type name#field`. */
  readonly fields: Readonly<Record<string, string>>;
};

export const noDescriptions: Descriptions = { types: {}, fields: {} };
