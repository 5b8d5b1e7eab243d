import type { Attributes } from '../../api/access/policy-rule.ts';
import { ApiError } from '../../api/api-error.ts';
import type { Identity } from '../authentication/identity.ts';

/** Source: apiserver handlers/responsewriters/errors.go Forbidden. */
export function forbiddenRequest(identity: Identity, wanted: Attributes): ApiError {
  const user = `User ${JSON.stringify(identity.user)}`;
  if (wanted.type === 'path') {
    return new ApiError(
      'Forbidden',
      `forbidden: ${user} cannot ${wanted.verb} path ${JSON.stringify(wanted.path)}`,
    );
  }
  const { group, resource, subresource, namespace, name, verb } = wanted;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const text = `${user} cannot ${verb} resource ${JSON.stringify(whole)} in API group ${JSON.stringify(group)} ${where}`;
  const what = `${group === '' ? resource : `${resource}.${group}`}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  return new ApiError('Forbidden', `${what} is forbidden: ${text}`, {
    details: { ...(name && { name }), ...(group && { group }), kind: resource },
  });
}
