import type { PolicyRule } from '../../api/access/policy-rule.ts';
import { ApiError } from '../../api/api-error.ts';
import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import { ISSUER } from '../authentication/service-account-token.ts';
import { tokenIdentity } from '../authentication/token-identity.ts';
import type { Exchange } from '../exchange.ts';
import { answerJson } from '../resources/answer.ts';
import { objectFor, type Target } from '../resources/target.ts';
import { readObject } from '../resources/write-objects.ts';
import { methodNotAllowed, notServed } from '../wire/not-served.ts';
import { reviewedAttributes, reviewedUser, userInfo } from './review-user.ts';

/** Groups whose resources are questions: answered when they are posted, never kept. */
export const REVIEW_GROUPS: ReadonlySet<string> = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

export async function answerReview(exchange: Exchange, target: Target): Promise<void> {
  if (target.info.verb !== 'create') throw methodNotAllowed();
  const body: JsonObject = objectFor(target, await readObject(exchange));
  const spec = isObject(body.spec) ? body.spec : {};
  const status = await statusOf(exchange, target, spec);
  await answerJson(exchange, 201, { ...body, status });
}

function statusOf(exchange: Exchange, target: Target, spec: JsonObject): Promise<JsonObject> {
  const { identity } = exchange;
  switch (target.resource.kind) {
    case 'SelfSubjectReview':
      return Promise.resolve({ userInfo: userInfo(identity) });
    case 'SelfSubjectAccessReview':
      return accessStatus(exchange, spec, identity);
    case 'LocalSubjectAccessReview':
      refuseOtherPlace(spec, target.info.namespace);
      return accessStatus(exchange, spec, reviewedUser(spec));
    case 'SubjectAccessReview':
      return accessStatus(exchange, spec, reviewedUser(spec));
    case 'SelfSubjectRulesReview':
      return rulesStatus(exchange, spec);
    case 'TokenReview':
      return tokenStatus(exchange, spec);
    default:
      throw notServed();
  }
}

/** Who may ask about one namespace does not hear of others. Source: authorization validation ValidateLocalSubjectAccessReview. */
function refuseOtherPlace(
  { resourceAttributes, nonResourceAttributes }: JsonObject,
  namespace: string,
): void {
  const refuse = (field: string, message: string): never => {
    const head = 'LocalSubjectAccessReview.authorization.k8s.io "" is invalid';
    const causes = [{ reason: 'FieldValueInvalid', field, message }];
    throw new ApiError('Invalid', `${head}: ${field}: ${message}`, { causes });
  };
  if (isObject(nonResourceAttributes)) {
    refuse('spec.nonResourceAttributes', 'Invalid value: null: disallowed on this kind of request');
  }
  const asked = isObject(resourceAttributes) ? (resourceAttributes.namespace ?? '') : namespace;
  if (asked !== namespace) {
    refuse(
      'spec.resourceAttributes.namespace',
      `Invalid value: ${JSON.stringify(asked)}: must match metadata.namespace`,
    );
  }
}

async function accessStatus(
  { deps }: Exchange,
  spec: JsonObject,
  identity: Exchange['identity'],
): Promise<JsonObject> {
  const wanted = reviewedAttributes(spec);
  if (wanted === null) {
    throw new ApiError(
      'Invalid',
      'spec.resourceAttributes: Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  return { allowed: await deps.authorizer.allows(identity, wanted) };
}

async function rulesStatus({ deps, identity }: Exchange, spec: JsonObject): Promise<JsonObject> {
  const { namespace } = spec;
  if (typeof namespace !== 'string' || namespace === '') {
    throw new ApiError('BadRequest', 'no namespace on request');
  }
  const rules = await deps.authorizer.rules(identity, namespace);
  const [resourceRules, nonResourceRules] = [
    rules.filter(({ resources }) => (resources ?? []).length > 0),
    rules.filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0),
  ];
  return {
    resourceRules: resourceRules.map(({ verbs, apiGroups, resources, resourceNames }: PolicyRule) => ({
      verbs,
      apiGroups: apiGroups ?? [],
      resources: resources ?? [],
      ...(resourceNames && { resourceNames }),
    })),
    nonResourceRules: nonResourceRules.map(({ verbs, nonResourceURLs }) => ({
      verbs,
      nonResourceURLs: nonResourceURLs ?? [],
    })),
    incomplete: false,
  };
}

async function tokenStatus({ deps }: Exchange, spec: JsonObject): Promise<JsonObject> {
  const token = typeof spec.token === 'string' ? spec.token : '';
  const asked = isArray(spec.audiences) ? spec.audiences.filter((each) => typeof each === 'string') : [];
  const wanted = asked.length > 0 ? asked : [ISSUER];
  const claims = deps.tokens.read(token, deps.clock.now());
  const audiences = wanted.filter((audience) => claims?.audiences.includes(audience));
  const identity =
    claims === null || audiences.length === 0 ? null : await tokenIdentity(deps.client, claims);
  if (identity === null) return { authenticated: false, user: {}, error: 'the token is not valid' };
  return { authenticated: true, user: userInfo(identity), audiences };
}
