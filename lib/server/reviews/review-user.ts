import type { Attributes } from '../../api/access/policy-rule.ts';
import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { Identity } from '../authentication/identity.ts';

/** UserInfo, as reviews print it. */
export function userInfo({ user, uid, groups, extra }: Identity): JsonObject {
  return { username: user, ...(uid && { uid }), groups, ...(extra && { extra }) };
}

/** What the spec of an access review asks about; null when it asks nothing, or two things. */
export function reviewedAttributes(spec: JsonObject): Attributes | null {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (isObject(resource) === isObject(path)) return null;
  const textOf = (from: JsonObject, name: string): string => {
    const value = from[name];
    return typeof value === 'string' ? value : '';
  };
  if (isObject(path)) return { type: 'path', verb: textOf(path, 'verb'), path: textOf(path, 'path') };
  if (!isObject(resource)) return null;
  const [verb, group, name, namespace, plural, subresource] = [
    'verb',
    'group',
    'name',
    'namespace',
    'resource',
    'subresource',
  ].map((field) => textOf(resource, field));
  return {
    type: 'resource',
    verb: verb ?? '',
    group: group ?? '',
    resource: plural ?? '',
    subresource: subresource ?? '',
    namespace: namespace ?? '',
    name: name ?? '',
  };
}

/** The user a SubjectAccessReview asks about. */
export function reviewedUser(spec: JsonObject): Identity {
  return {
    user: typeof spec.user === 'string' ? spec.user : '',
    groups: isArray(spec.groups) ? spec.groups.filter((group) => typeof group === 'string') : [],
  };
}
