import { resolvePlainScalar } from './plain-scalar.ts';

export type TaggedScalar =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'problem'; readonly message: string };

const PREFIX = 'tag:yaml.org,2002:';

/** Resolves a scalar with an explicit tag; only the tags that have a JSON value are known. */
export function resolveTagged(tag: string, source: string): TaggedScalar {
  const name = tag.startsWith(PREFIX) ? tag.slice(PREFIX.length) : undefined;
  if (name === 'str' || name === 'timestamp') return { kind: 'value', value: source };
  const scalar = resolvePlainScalar(source);
  const value = scalar.kind === 'value' ? scalar.value : undefined;
  switch (name) {
    case 'int':
      if (typeof value === 'number' && Number.isInteger(value)) return { kind: 'value', value };
      break;
    case 'float':
      if (typeof value === 'number') return { kind: 'value', value };
      break;
    case 'bool':
      if (typeof value === 'boolean') return { kind: 'value', value };
      break;
    case 'null':
      if (value === null) return { kind: 'value', value };
      break;
    default:
      return { kind: 'problem', message: `The tag ${tag} has no meaning in a manifest.` };
  }
  return {
    kind: 'problem',
    message: `This value is not what its tag !!${name} says.`,
  };
}
