import { ApiError } from '../../api/api-error.ts';
import { forbidden, notFound } from '../../api/api-failures.ts';
import { patched } from '../../api/patched.ts';
import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { receivedBody } from '../fairness/received-body.ts';
import { answerObject } from '../resources/answer.ts';
import { readPatch } from '../resources/read-patch.ts';
import { objectNamed, refOfTarget, type Target } from '../resources/target.ts';
import { readObject } from '../resources/write-objects.ts';
import { mediaTypeOf } from '../wire/read-body.ts';

/** Conditions that only approving and denying set. */
export const VERDICTS: ReadonlySet<unknown> = new Set(['Approved', 'Denied']);

/**
 * PUT and PATCH of a CertificateSigningRequest's `/status`, where other signers put their certificates. The verdict stays what it was.
 * Source: admission CertificateSigning.
 */
export async function answerCertificateStatus(exchange: Exchange, target: Target): Promise<void> {
  const { known, given } = await knownAndGiven(exchange, target, 'sign');
  const { resourceVersion = known.metadata.resourceVersion } = given.metadata;
  const metadata = { ...given.metadata, ...(resourceVersion && { resourceVersion }) };
  const verdict = conditionsOf(known).filter(({ type }) => VERDICTS.has(type));
  const others = conditionsOf(given).filter(({ type }) => !VERDICTS.has(type));
  const conditions = [...verdict, ...others];
  const status = { ...(isObject(given.status) ? given.status : {}), conditions };
  const object = await exchange.deps.client.update({ ...given, metadata, status }, callerOf(exchange), {
    subresource: 'status',
  });
  await answerObject(exchange, target, { object });
}

/** The request as it is and as it is wanted. NotFound; Forbidden unless the user may do this with its signer. */
export async function knownAndGiven(
  exchange: Exchange,
  target: Target,
  verb: 'approve' | 'sign',
): Promise<{ readonly known: KubeObject; readonly given: KubeObject }> {
  const known = await exchange.deps.client.get(refOfTarget(target), callerOf(exchange));
  if (known === null) throw notFound(target.kind, target.info.name);
  await requireSigner(exchange, target, { verb, signerName: textOf(specOf(known).signerName) });
  return { known, given: objectNamed(target, await givenObject(exchange, target, known)) };
}

async function givenObject(
  exchange: Exchange,
  { kind, info }: Target,
  known: KubeObject,
): Promise<JsonObject> {
  if (info.verb === 'update') return readObject(exchange);
  const { request, deps, query } = exchange;
  const patch = readPatch(await receivedBody(exchange), mediaTypeOf(request), query);
  if (patch.type === 'apply') throw new ApiError('UnsupportedMediaType', 'this status cannot be applied');
  const result = patched(deps.client.schema, kind, { previous: known, patch });
  if (isObject(result)) return result;
  throw new ApiError('BadRequest', 'the patch leaves no object');
}

/** Also allowed by the signer's whole domain. Source: pkg/apis/certificates IsAuthorizedForSignerName. */
async function requireSigner(
  { deps, identity }: Exchange,
  target: Target,
  { verb, signerName }: { readonly verb: string; readonly signerName: string },
): Promise<void> {
  const domain = `${signerName.slice(0, signerName.indexOf('/'))}/*`;
  for (const name of [signerName, domain]) {
    const signers = { group: 'certificates.k8s.io', resource: 'signers', subresource: '', namespace: '' };
    if (await deps.authorizer.allows(identity, { type: 'resource', verb, name, ...signers })) return;
  }
  const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`;
  throw forbidden(target.kind, target.info.name, why);
}

export const specOf = ({ spec }: KubeObject): JsonObject => (isObject(spec) ? spec : {});
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function conditionsOf({ status }: KubeObject): readonly JsonObject[] {
  const conditions = isObject(status) ? status.conditions : undefined;
  return isArray(conditions) ? conditions.filter(isObject) : [];
}
