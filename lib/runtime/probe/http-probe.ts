import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { limits } from '../../base/limits.ts';

export type HttpProbe = {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** With its query, as the manifest has it. */
  readonly path: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
};
export type HttpAnswer = { readonly ok: boolean; readonly message: string };

/** Programs tell probes by this prefix. */
const USER_AGENT = 'kube-probe/pintle';

/**
 * GET; 200 to 399 is success. Certificates are not checked. Redirects are followed on the same host name; one to another host
 * counts as success. `abort` ends the request. Source: kubelet pkg/probe/http.
 */
export async function httpProbe(probe: HttpProbe, abort: AbortSignal): Promise<HttpAnswer> {
  const first = urlOf(probe);
  if (first === null)
    return { ok: false, message: `The path ${JSON.stringify(probe.path)} is not a URL path.` };
  let target: URL = first;
  for (let redirects = 0; ; redirects += 1) {
    const { status, location, body }: Got = await get(target, probe.headers, abort);
    const next: URL | null =
      status >= 300 && status < 400 && location !== undefined ? redirectOf(location, target) : null;
    if (next === null || next.hostname !== first.hostname) {
      if (status >= 200 && status < 400) return { ok: true, message: `HTTP ${status}` };
      return {
        ok: false,
        message: `HTTP probe failed with statuscode: ${status}${body === '' ? '' : `: ${body}`}`,
      };
    }
    if (redirects >= limits.probeRedirectsMax) {
      return { ok: false, message: `HTTP probe stopped after ${limits.probeRedirectsMax} redirects` };
    }
    target = next;
  }
}

function urlOf({ scheme, host, port, path }: HttpProbe): URL | null {
  const authority = host.includes(':') ? `[${host}]` : host;
  const base = `${scheme}://${authority}:${port}`;
  return URL.canParse(`${base}/`)
    ? URL.parse(path.startsWith('/') ? `${base}${path}` : `${base}/${path}`)
    : null;
}

function redirectOf(location: string, from: URL): URL | null {
  const next = URL.parse(location, from.href);
  return next !== null && (next.protocol === 'http:' || next.protocol === 'https:') ? next : null;
}

type Got = { readonly status: number; readonly location: string | undefined; readonly body: string };

function get(target: URL, headers: HttpProbe['headers'], abort: AbortSignal): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const sent = new Map<string, string>([
    ['user-agent', USER_AGENT],
    ['accept', '*/*'],
  ]);
  for (const { name, value } of headers) sent.set(name.toLowerCase(), value);
  const options = {
    headers: Object.fromEntries(sent),
    signal: abort,
    agent: false,
    rejectUnauthorized: false,
  } as const;
  const onResponse = (response: IncomingMessage): void => {
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    let body = '';
    const done = (): void => resolve({ status, location, body: body.slice(0, limits.probeBodyBytesMax) });
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      body += text;
      if (body.length < limits.probeBodyBytesMax) return;
      done();
      response.destroy();
    });
    response.on('end', done);
    response.on('error', reject);
  };
  try {
    const request =
      target.protocol === 'https:'
        ? httpsRequest(target, options, onResponse)
        : httpRequest(target, options, onResponse);
    request.on('error', reject);
    request.end();
  } catch (thrown) {
    // A header that cannot be sent.
    reject(thrown);
  }
  return promise;
}
