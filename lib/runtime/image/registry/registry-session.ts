import { isArray, isObject } from '../../../base/json.ts';
import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import { exchange, type HttpAnswer, type HttpEdge, readAnswer } from './http-exchange.ts';
import type { RegistryLogin } from './registry-auth.ts';
import type { RegistryEndpoint } from './registry-options.ts';

/** One repository at one endpoint, with whatever proof of identity it has been found to want. */
export type RegistrySession = {
  /** GETs below `/v2/<repository>/`. Only what the caller has to do with comes back: 200, 206 and 416; else ImageError. */
  get(path: string, headers: Readonly<Record<string, string>>): Promise<HttpAnswer>;
};

/** What is sent until the registry says otherwise, and which login that came from. */
type Proof = { readonly authorization: string | null; readonly login: number; readonly worked: boolean };

export function registrySession(
  edge: HttpEdge,
  target: {
    readonly endpoint: RegistryEndpoint;
    readonly repository: string;
    readonly logins: readonly RegistryLogin[];
  },
): RegistrySession {
  const { endpoint, repository } = target;
  // As anybody, when all else is refused: a public image does not need the secret that has expired.
  const logins: readonly RegistryLogin[] = [...target.logins, { kind: 'none' }];
  let proof: Proof = { authorization: null, login: -1, worked: false };

  const prove = async (answer: HttpAnswer): Promise<void> => {
    const challenge = answer.status === 401 ? parseChallenge(answer.headers['www-authenticate']) : null;
    const again = proof.worked && answer.status === 401;
    const next = again ? proof.login : proof.login + 1;
    const login = logins[next];
    if (challenge === null || login === undefined)
      throw await refusal(edge, answer, `${endpoint.registry}/${repository}`);
    answer.body.destroy();
    proof = {
      login: next,
      worked: false,
      authorization: await authorizationOf(edge, challenge, login, repository),
    };
  };

  return {
    async get(path, headers) {
      const url = new URL(`${endpoint.origin}/v2/${repository}/${path}`);
      // Each round is another login, or a token anew.
      for (let round = 0; ; round += 1) {
        const { authorization } = proof;
        const answer = await exchange(edge, { url, headers, authorization });
        if (answer.status === 200 || answer.status === 206 || answer.status === 416) {
          proof = { ...proof, worked: true };
          return answer;
        }
        if (answer.status !== 401 || round > logins.length)
          throw await refusal(edge, answer, `${endpoint.registry}/${repository}`);
        // Another request may have proved itself meanwhile.
        if (proof.authorization === authorization) await prove(answer);
        else answer.body.destroy();
      }
    },
  };
}

async function authorizationOf(
  edge: HttpEdge,
  challenge: Challenge,
  login: RegistryLogin,
  repository: string,
): Promise<string | null> {
  if (login.kind === 'registry-token') return `Bearer ${login.token}`;
  if (challenge.scheme === 'basic') return login.kind === 'password' ? basic(login) : null;
  const scope = challenge.scope || `repository:${repository}:pull`;
  if (!URL.canParse(challenge.realm))
    throw new ImageError('IMAGE_INVALID', 'the registry names no place for tokens');
  const url = new URL(challenge.realm);
  const headers = { accept: 'application/json' };
  const answer =
    login.kind === 'identity-token'
      ? await exchange(edge, {
          url,
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            ...{ grant_type: 'refresh_token', refresh_token: login.token, client_id: 'pintle' },
            ...{ service: challenge.service, scope },
          }).toString(),
        })
      : await exchange(edge, {
          url: withQuery(url, { service: challenge.service, scope }),
          headers,
          authorization: login.kind === 'password' ? basic(login) : null,
        });
  // Refused here as by the registry: the next login may do.
  if (answer.status === 401 || answer.status === 403 || answer.status === 400) {
    answer.body.destroy();
    return null;
  }
  if (answer.status !== 200) throw await refusal(edge, answer, url.host);
  return `Bearer ${tokenFrom(await readAnswer(edge, answer, limits.registryTokenBytesMax))}`;
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): URL {
  const asked = new URL(url);
  for (const [name, value] of Object.entries(query)) if (value !== '') asked.searchParams.set(name, value);
  return asked;
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function tokenFrom(bytes: Buffer): string {
  let answer: unknown;
  try {
    answer = JSON.parse(bytes.toString('utf8'));
  } catch {
    answer = null;
  }
  const { token, access_token: access } = isObject(answer) ? answer : {};
  const found = typeof token === 'string' && token !== '' ? token : access;
  if (typeof found !== 'string' || !/^[\x21-\x7e]+$/.test(found))
    throw new ImageError('IMAGE_INVALID', "the registry's place for tokens gave none");
  return found;
}

/** What the registry said, in our codes. Only its own words are repeated: what another host answers is nobody's business. */
async function refusal(edge: HttpEdge, answer: HttpAnswer, what: string): Promise<ImageError> {
  const words = answer.sameOrigin ? await wordsOf(edge, answer) : '';
  answer.body.destroy();
  const said = words === '' ? '' : `: ${words}`;
  if (answer.status === 404) return new ImageError('IMAGE_NOT_FOUND', `${what}: not found${said}`);
  if (answer.status === 401 || answer.status === 403)
    return new ImageError(
      'IMAGE_DENIED',
      `${what}: pull access denied, the repository does not exist or needs a login${said}`,
    );
  return new ImageError('IMAGE_UNREACHABLE', `${what}: the registry answers ${answer.status}${said}`);
}

async function wordsOf(edge: HttpEdge, answer: HttpAnswer): Promise<string> {
  try {
    const parsed: unknown = JSON.parse(
      (await readAnswer(edge, answer, limits.registryTokenBytesMax)).toString('utf8'),
    );
    const errors = isObject(parsed) && isArray(parsed.errors) ? parsed.errors : [];
    const said = errors.flatMap((one) =>
      isObject(one) && typeof one.message === 'string' ? [one.message] : [],
    );
    // Control characters would reach terminals.
    return said
      .join('; ')
      .replace(/[^\x20-\x7e]+/g, ' ')
      .slice(0, limits.imageWordsCharsMax);
  } catch {
    return '';
  }
}
