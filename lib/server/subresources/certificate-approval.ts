import { CLIENT_SIGNER } from '../../api/admission/certificate-signing.ts';
import { invalid } from '../../api/api-failures.ts';
import { readCertificateRequest } from '../../api/certificates/certificate-request.ts';
import { toRfc3339 } from '../../base/clock.ts';
import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { answerObject } from '../resources/answer.ts';
import type { Target } from '../resources/target.ts';
import { conditionsOf, knownAndGiven, specOf, textOf, VERDICTS } from './certificate-status.ts';

/** What a client may ask for. Source: pkg/controller/certificates/signer. */
const CLIENT_USAGES: ReadonlySet<unknown> = new Set(['digital signature', 'key encipherment', 'client auth']);

/**
 * PUT and PATCH of `/approval`: `kubectl certificate approve|deny`. Only its verdict counts. What is approved and ours to sign is signed in the
 * same write: nothing is ever approved and forgotten. Source: registry/certificates approval strategy.
 */
export async function answerApproval(exchange: Exchange, target: Target): Promise<void> {
  const caller = callerOf(exchange);
  const { known, given } = await knownAndGiven(exchange, target, 'approve');
  const { resourceVersion = known.metadata.resourceVersion } = given.metadata;
  const status = decided(exchange, target, { known, given, signs: caller.dryRun !== true });
  const object = await exchange.deps.client.update(
    { ...known, metadata: { ...known.metadata, ...(resourceVersion && { resourceVersion }) }, status },
    caller,
    { subresource: 'status' },
  );
  await answerObject(exchange, target, { object });
}

function decided(
  { deps }: Exchange,
  target: Target,
  {
    known,
    given,
    signs,
  }: {
    readonly known: KubeObject;
    readonly given: KubeObject;
    /** Not for a dry run: a certificate that is stored nowhere is as good as any. */
    readonly signs: boolean;
  },
): JsonObject {
  const now = toRfc3339(deps.clock.now());
  const others = conditionsOf(known).filter(({ type }) => !VERDICTS.has(type));
  const verdict = conditionsOf(given)
    .filter(({ type }) => VERDICTS.has(type))
    .map((condition): JsonObject => ({ lastUpdateTime: now, lastTransitionTime: now, ...condition }));
  const types = new Set(verdict.map(({ type }) => type));
  const before = conditionsOf(known).filter(({ type }) => VERDICTS.has(type));
  const wrong =
    types.size > 1
      ? 'Approved and Denied conditions are mutually exclusive'
      : before.some(({ type }) => !types.has(type))
        ? 'a verdict cannot be removed or changed'
        : null;
  if (wrong !== null) {
    const cause = {
      reason: 'FieldValueForbidden',
      message: `Forbidden: ${wrong}`,
      field: 'status.conditions',
    };
    throw invalid(target.kind, target.info.name, [cause]);
  }
  const status: Status = {
    ...(isObject(known.status) ? known.status : {}),
    conditions: [...verdict, ...others],
  };
  const unsigned = types.has('Approved') && textOf(status.certificate) === '';
  return signs && unsigned ? signed(deps, known, status) : status;
}

/** With its certificate, or with why there is none. What is another signer's stays as it is. */
function signed({ signer, clock }: Exchange['deps'], known: KubeObject, status: Status): JsonObject {
  const { request, signerName, usages, expirationSeconds } = specOf(known);
  if (signerName !== CLIENT_SIGNER) return status;
  const read = readCertificateRequest(Buffer.from(textOf(request), 'base64').toString('latin1'));
  const asked = isArray(usages) ? usages : [];
  const wrong =
    'wrong' in read
      ? read.wrong
      : asked.includes('client auth') && asked.every((usage) => CLIENT_USAGES.has(usage))
        ? null
        : 'usages must be client auth, and may be digital signature and key encipherment';
  if (wrong !== null || 'wrong' in read) {
    const at = toRfc3339(clock.now());
    const failed = {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message: wrong,
      lastUpdateTime: at,
      lastTransitionTime: at,
    };
    return { ...status, conditions: [...status.conditions, failed] };
  }
  const seconds = typeof expirationSeconds === 'number' ? expirationSeconds : undefined;
  return { ...status, certificate: Buffer.from(signer(read.request, seconds)).toString('base64') };
}

type Status = JsonObject & { readonly conditions: readonly JsonObject[] };
