import { CUSTOM_METRICS_GROUP } from '../schema/discovery/custom-metrics.ts';
import type { Exchange } from './exchange.ts';
import { answerCustomMetrics } from './metrics/answer-custom-metrics.ts';
import { answerMetrics, METRICS_GROUP } from './metrics/answer-metrics.ts';
import { answerUnknown } from './paths/answer-unknown.ts';
import { answerProxy } from './proxy/answer-proxy.ts';
import { getObject, listObjects } from './resources/read-objects.ts';
import { type Target, targetOf } from './resources/target.ts';
import { watchObjects } from './resources/watch-objects.ts';
import {
  createObject,
  deleteObject,
  deleteObjects,
  patchObject,
  updateObject,
} from './resources/write-objects.ts';
import { answerReview, REVIEW_GROUPS } from './reviews/answer-review.ts';
import { answerCommand } from './streams/answer-command.ts';
import { answerForward } from './streams/answer-forward.ts';
import { answerApproval } from './subresources/certificate-approval.ts';
import { answerCertificateStatus } from './subresources/certificate-status.ts';
import { answerLog } from './subresources/pod-log.ts';
import { answerBinding, answerEviction } from './subresources/pod-subresources.ts';
import { answerScale } from './subresources/scale-subresource.ts';
import { answerTokenRequest } from './subresources/token-request.ts';
import { methodNotAllowed, notServed } from './wire/not-served.ts';
import type { ResourceRequest } from './wire/request-info.ts';

type Answer = (exchange: Exchange, target: Target) => Promise<void>;

const byVerb: ReadonlyMap<string, Answer> = new Map([
  ['get', getObject],
  ['list', listObjects],
  ['watch', watchObjects],
  ['create', createObject],
  ['update', (exchange, target) => updateObject(exchange, target)],
  ['patch', (exchange, target) => patchObject(exchange, target)],
  ['delete', deleteObject],
  ['deletecollection', deleteObjects],
]);

/** A request about objects, once it is allowed. */
export async function answerResource(exchange: Exchange, info: ResourceRequest): Promise<void> {
  if (info.group === METRICS_GROUP) return answerMetrics(exchange, info);
  if (info.group === CUSTOM_METRICS_GROUP) return answerCustomMetrics(exchange, info);
  const target = targetOf(exchange.deps.client.schema, info);
  if (target === null) return answerUnknown(exchange, info.path);
  const deprecation = target.kind.custom?.versions.get(info.version)?.deprecation ?? null;
  if (deprecation !== null) exchange.warnings.add(deprecation);
  if (info.subresource !== '') return answerSubresource(exchange, target);
  if (REVIEW_GROUPS.has(info.group)) return answerReview(exchange, target);
  const answer = byVerb.get(info.verb);
  const needed = info.verb === 'get' || info.verb === 'list' || info.verb === 'watch' ? 'get' : info.verb;
  if (answer === undefined || !target.resource.verbs.some((verb) => verb === needed))
    throw methodNotAllowed();
  // Who may make an object of this name only would make any, for the body names another.
  if (info.verb === 'create' && info.name !== '') throw methodNotAllowed();
  await answer(exchange, target);
}

function answerSubresource(exchange: Exchange, target: Target): Promise<void> {
  const { subresource, verb } = target.info;
  const served = target.resource.subresources.find(({ name }) => name === subresource);
  if (served === undefined || target.info.name === '') throw notServed();
  if (!served.verbs.some((each) => each === verb)) throw methodNotAllowed();
  switch (subresource) {
    case 'status':
    case 'ephemeralcontainers':
    case 'finalize':
      return answerPart(exchange, target);
    case 'approval':
      return verb === 'get' ? getObject(exchange, target) : answerApproval(exchange, target);
    case 'scale':
      return answerScale(exchange, target);
    case 'eviction':
      return answerEviction(exchange, target);
    case 'binding':
      return answerBinding(exchange, target);
    case 'token':
      return answerTokenRequest(exchange, target);
    case 'log':
      return answerLog(exchange, target);
    case 'exec':
    case 'attach':
      return answerCommand(exchange, target);
    case 'portforward':
      return answerForward(exchange, target);
    case 'proxy':
      return answerProxy(exchange, target);
    default:
      throw notServed();
  }
}

/** Subresources that are the object itself, of which a part counts. */
function answerPart(exchange: Exchange, target: Target): Promise<void> {
  const { subresource, verb } = target.info;
  if (verb === 'get') return getObject(exchange, target);
  const isSigning =
    target.kind.kind === 'CertificateSigningRequest' && target.info.group === 'certificates.k8s.io';
  if (isSigning) return answerCertificateStatus(exchange, target);
  const part = subresource === 'status' || subresource === 'ephemeralcontainers' ? subresource : undefined;
  return verb === 'update' ? updateObject(exchange, target, part) : patchObject(exchange, target, part);
}
