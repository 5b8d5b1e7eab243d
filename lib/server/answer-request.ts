import type { IncomingMessage, ServerResponse } from 'node:http';
import { assert, messageOf } from '../base/errors.ts';
import { answerResource } from './answer-resource.ts';
import { authenticate, unauthorized } from './authentication/authenticate.ts';
import { anonymous, type Identity } from './authentication/identity.ts';
import { impersonation } from './authentication/impersonate.ts';
import { forbiddenRequest } from './authorization/forbidden-request.ts';
import { neededBesides } from './authorization/needed-besides.ts';
import type { Exchange } from './exchange.ts';
import type { InFlightKind } from './fairness/in-flight.ts';
import { answerPath, PUBLIC_PATHS } from './paths/answer-path.ts';
import type { ServerDeps } from './server-deps.ts';
import type { Upgrade } from './upgrades.ts';
import { notServed, tooManyRequests } from './wire/not-served.ts';
import { isStream, type RequestInfo, requestInfo } from './wire/request-info.ts';
import { apiErrorOf } from './wire/status-object.ts';
import { setWarnings, writeFailure } from './wire/write-response.ts';

/** From the first line of a request to the end of its answer. Whatever fails is answered with a Status. */
export async function answerRequest(
  deps: ServerDeps,
  request: IncomingMessage,
  response: ServerResponse,
  upgrade: Upgrade | null = null,
): Promise<void> {
  const warnings = new Set<string>();
  try {
    const { path, query } = targetOf(request);
    const info = requestInfo(request.method ?? 'GET', path, query);
    const identity = await authenticate(request, { ...deps, now: deps.clock.now() });
    if (identity !== anonymous) deps.room.known(request.socket);
    if (info === null) throw notServed();
    enter(deps, { response, identity, info, kind: kindOf(info, query, upgrade) });
    const speaker = await permitted(deps, { request, identity, info });
    const exchange: Exchange = { deps, request, response, upgrade, query, identity: speaker, warnings };
    await (info.type === 'path' ? answerPath(exchange, info) : answerResource(exchange, info));
  } catch (thrown) {
    const error = apiErrorOf(thrown);
    if (response.headersSent || response.statusCode === 101) {
      // An answer that has begun cannot become another one.
      deps.log.info('request-broken-off', { message: messageOf(thrown) });
      response.destroy();
      return;
    }
    if (error.reason === 'InternalError') deps.log.error('request-failed', { message: messageOf(thrown) });
    setWarnings(response, warnings);
    await writeFailure(response, error);
  }
}

/** Takes a place among the requests of this user until it is answered. TooManyRequests when she has no more of them. */
function enter(
  { inFlight, counts }: ServerDeps,
  of: {
    readonly response: ServerResponse;
    readonly identity: Identity;
    readonly info: RequestInfo;
    readonly kind: InFlightKind;
  },
): void {
  const { response, identity, info, kind } = of;
  const place = inFlight.enter(identity.user, kind);
  response.on('close', () => {
    place?.leave();
    const { statusCode: code } = response;
    // What is not served is not told apart: its name is whatever somebody chose.
    const resource = info.type === 'resource' && ![401, 403, 404].includes(code) ? info.resource : '';
    counts.add({ verb: code === 405 ? 'other' : info.verb, resource, code });
  });
  if (place === null) throw tooManyRequests();
}

function kindOf(info: RequestInfo, query: URLSearchParams, upgrade: Upgrade | null): InFlightKind {
  if (upgrade !== null) return 'sessions';
  return isStream(info, query) ? 'streams' : 'requests';
}

/** The path as it was sent: nothing in it is resolved before it is looked at. */
function targetOf({ url = '/' }: IncomingMessage): {
  readonly path: string;
  readonly query: URLSearchParams;
} {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  return { path, query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)) };
}

/** Who speaks, once that is allowed, and what is asked too. Unauthorized, Forbidden. */
async function permitted(
  deps: ServerDeps,
  asked: { readonly request: IncomingMessage; readonly identity: Identity; readonly info: RequestInfo },
): Promise<Identity> {
  const { request, identity, info } = asked;
  if (info.type === 'path' && info.verb === 'get' && PUBLIC_PATHS.has(info.path)) return identity;
  if (identity === anonymous) throw unauthorized();
  const other = impersonation(request.headersDistinct);
  for (const need of other?.needs ?? []) {
    if (!(await deps.authorizer.allows(identity, need))) throw forbiddenRequest(identity, need);
  }
  const speaker = other?.identity ?? identity;
  assert(speaker.user !== '', 'an identity has a name');
  const besides = neededBesides(info);
  for (const wanted of besides === null ? [info] : [info, besides]) {
    if (!(await deps.authorizer.allows(speaker, wanted))) throw forbiddenRequest(speaker, wanted);
  }
  return speaker;
}
