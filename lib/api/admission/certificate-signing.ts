import { isArray, isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { forbidden, invalid } from '../api-failures.ts';
import { readCertificateRequest } from '../certificates/certificate-request.ts';
import type { Admission, WriteContext } from '../write-context.ts';

export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';
const EXPIRATION_SECONDS_MIN = 600;

/**
 * A CertificateSigningRequest says who made it, whatever its maker wrote there, and stays as it was made. Nobody asks for the group
 * that may do everything. Source: the strategy and validation of certificates.k8s.io, admission CertificateSubjectRestriction.
 */
export function admitCertificateSigning({ caller }: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (kind.group !== 'certificates.k8s.io' || kind.kind !== 'CertificateSigningRequest') return object;
  if (previous !== undefined) return { ...object, spec: previous.spec };
  const given = isObject(object.spec) ? object.spec : {};
  const refuse = (field: string, message: string): never => {
    throw invalid(kind, object.metadata.name, [{ reason: 'FieldValueInvalid', message, field }]);
  };
  const pem =
    typeof given.request === 'string' ? Buffer.from(given.request, 'base64').toString('latin1') : '';
  const read = readCertificateRequest(pem);
  if ('wrong' in read) return refuse('spec.request', `Invalid value: ${read.wrong}`);
  if (!isArray(given.usages) || given.usages.length === 0) {
    return refuse('spec.usages', 'Required value: usages is required');
  }
  const { expirationSeconds: seconds } = given;
  if (typeof seconds === 'number' && seconds < EXPIRATION_SECONDS_MIN) {
    return refuse(
      'spec.expirationSeconds',
      `Invalid value: ${seconds}: may not specify a duration less than 600 seconds (10 minutes)`,
    );
  }
  if (given.signerName === CLIENT_SIGNER && read.request.organizations.includes(MASTERS)) {
    throw forbidden(
      kind,
      object.metadata.name,
      `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`,
    );
  }
  const { username: _username, groups: _groups, uid: _uid, extra: _extra, ...spec } = given;
  const { status: _status, ...rest } = object;
  return { ...rest, spec: { ...spec, username: caller.user, groups: [...(caller.groups ?? [])] } };
}
