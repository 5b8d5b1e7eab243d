import { ApiError } from '../../api/api-error.ts';
import { notFound } from '../../api/api-failures.ts';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import { isArray, isObject, type JsonObject } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import { type BoundObject, ISSUER } from '../authentication/service-account-token.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { answerJson } from '../resources/answer.ts';
import { refOfTarget, type Target } from '../resources/target.ts';
import { readObject } from '../resources/write-objects.ts';

/** POST of an authentication.k8s.io/v1 TokenRequest: `kubectl create token`. */
export async function answerTokenRequest(exchange: Exchange, target: Target): Promise<void> {
  const { client, clock, random, tokens } = exchange.deps;
  const caller = callerOf(exchange);
  const account = await client.get(refOfTarget(target), caller);
  if (account === null) throw notFound(target.kind, target.info.name);
  const body = await readObject(exchange);
  const spec = isObject(body.spec) ? body.spec : {};
  const now = clock.now();
  const seconds = spec.expirationSeconds ?? timings.tokenDefaultMs / secondMs;
  if (typeof seconds !== 'number' || seconds * secondMs < timings.tokenMinMs) {
    throw new ApiError(
      'Invalid',
      `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${JSON.stringify(seconds)}: may not specify a duration less than 10 minutes`,
    );
  }
  const expiresMs = now + Math.min(seconds * secondMs, timings.tokenMaxMs);
  const asked = isArray(spec.audiences) ? spec.audiences.filter((each) => typeof each === 'string') : [];
  const audiences = asked.length > 0 ? asked : [ISSUER];
  const bound = await boundObject(exchange, target, spec);
  const token = tokens.sign({
    namespace: target.info.namespace,
    serviceAccount: { name: account.metadata.name, uid: account.metadata.uid ?? '' },
    ...(bound !== null && { bound }),
    audiences,
    issuedMs: now,
    expiresMs,
    id: random.uuid(),
  });
  await answerJson(exchange, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {
      name: account.metadata.name,
      namespace: target.info.namespace,
      creationTimestamp: toRfc3339(now),
    },
    spec: {
      audiences,
      expirationSeconds: Math.floor((expiresMs - now) / secondMs),
      boundObjectRef: spec.boundObjectRef ?? null,
    },
    status: { token, expirationTimestamp: toRfc3339(expiresMs) },
  });
}

const BINDABLE: ReadonlySet<string> = new Set(['Pod', 'Secret', 'Node']);

/** null: the token is bound to the account only. NotFound, Conflict when the object is another one by now. */
async function boundObject(
  exchange: Exchange,
  target: Target,
  spec: JsonObject,
): Promise<BoundObject | null> {
  const { boundObjectRef: ref } = spec;
  if (!isObject(ref)) return null;
  const { kind, name, uid } = ref;
  if (typeof kind !== 'string' || typeof name !== 'string' || !BINDABLE.has(kind)) {
    throw new ApiError(
      'BadRequest',
      `cannot bind token for serviceaccount "${target.info.name}" to object of type ${JSON.stringify(kind)}`,
    );
  }
  const { client } = exchange.deps;
  const namespace = kind === 'Node' ? '' : target.info.namespace;
  const object = await client.get({ group: '', kind, namespace, name }, callerOf(exchange));
  const row = client.schema.kind({ group: '', kind });
  if (object === null && row !== undefined) throw notFound(row, name);
  const runsAs = kind === 'Pod' && isObject(object?.spec) ? object.spec.serviceAccountName : target.info.name;
  if (runsAs !== target.info.name) {
    throw new ApiError(
      'BadRequest',
      `cannot bind token for serviceaccount "${target.info.name}" to pod running with different serviceaccount name.`,
    );
  }
  const actual = object?.metadata.uid ?? '';
  if (typeof uid === 'string' && uid !== '' && uid !== actual) {
    throw new ApiError(
      'Conflict',
      `the UID in the bound object reference (${uid}) does not match the UID in record`,
    );
  }
  return { kind, name, uid: actual };
}
