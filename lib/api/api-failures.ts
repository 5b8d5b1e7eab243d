import type { Finding } from '../schema/finding.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { type ApiCause, ApiError } from './api-error.ts';
import { causeOfFinding } from './cause-of-finding.ts';
import { resourceText } from './object-key.ts';

const detailsOf = (kind: Kind, name: string): ApiError['details'] => ({
  group: kind.group,
  kind: kind.plural,
  name,
});

export function notFound(kind: Kind, name: string): ApiError {
  return new ApiError('NotFound', `${resourceText(kind, name)} not found`, {
    details: detailsOf(kind, name),
  });
}

export function noSuchKind(apiVersion: string, kind: string): ApiError {
  return new ApiError('NotFound', `no matches for kind "${kind}" in version "${apiVersion}"`, {
    details: { kind },
  });
}

export function alreadyExists(kind: Kind, name: string): ApiError {
  return new ApiError('AlreadyExists', `${resourceText(kind, name)} already exists`, {
    details: detailsOf(kind, name),
  });
}

export function conflict(kind: Kind, name: string, why: string): ApiError {
  return new ApiError('Conflict', `Operation cannot be fulfilled on ${resourceText(kind, name)}: ${why}`, {
    details: detailsOf(kind, name),
  });
}

export const modifiedMeanwhile =
  'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(kind: Kind, name: string, why: string, causes: readonly ApiCause[] = []): ApiError {
  return new ApiError('Forbidden', `${resourceText(kind, name)} is forbidden: ${why}`, {
    causes,
    details: detailsOf(kind, name),
  });
}

export function invalid(kind: Kind, name: string, causes: readonly ApiCause[]): ApiError {
  const list = causes.map((cause) =>
    cause.field === '' ? cause.message : `${cause.field}: ${cause.message}`,
  );
  const text = list.length === 1 ? list[0] : `[${list.join(', ')}]`;
  const group = kind.group === '' ? '' : `.${kind.group}`;
  return new ApiError('Invalid', `${kind.kind}${group} "${name}" is invalid: ${text}`, {
    causes,
    details: { ...detailsOf(kind, name), kind: kind.kind },
  });
}

/** Throws Invalid with a cause for every error; warnings pass. */
export function refuseErrors(
  of: { readonly schema: Schema; readonly kind: Kind; readonly object: KubeObject },
  findings: readonly Finding[],
): void {
  const { kind, object } = of;
  const errors = findings.filter((finding) => finding.severity === 'error');
  if (errors.length === 0) return;
  // What is wrong with the metadata is told first.
  const [ofMetadata = [], ofRest = []] = [true, false].map((first) =>
    errors.filter(({ path }) => (path[0] === 'metadata') === first),
  );
  const { name, generateName } = object.metadata;
  const causes = new Map(
    [...ofMetadata, ...ofRest].map((finding) => {
      const cause = causeOfFinding(finding, of);
      return [`${cause.field}: ${cause.message}`, cause];
    }),
  );
  throw invalid(kind, name || generateName || '', [...causes.values()]);
}
