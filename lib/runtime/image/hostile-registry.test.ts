import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import anyTest from 'ava';
import { FakeRegistry, type Misbehaviour } from '../../testing/fake-registry.ts';
import { madeImage } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { openImageStore } from '../../testing/open-image-store.ts';
import { sha256Of } from './manifest/digest.ts';

const test = needsRoot(['tar']) ? anyTest : anyTest.skip;
const IF_NOT_PRESENT = { policy: 'IfNotPresent' };
const content = Buffer.from(Array.from({ length: 300_000 }, (_none, at) => (at * 2654435761) >>> 13));
const image = madeImage([[{ name: 'data', content }]], { packing: 'plain' });
const layer = image.layers[0]?.digest ?? '';
const onBlob =
  (misbehave: Misbehaviour): Misbehaviour =>
  (request, response, url) =>
    url.pathname.endsWith(layer) && misbehave(request, response, url);

const failures: Readonly<
  Record<
    string,
    {
      readonly misbehave?: Misbehaviour;
      readonly prepare?: (registry: FakeRegistry) => void;
      readonly said: RegExp;
      readonly silent?: boolean;
    }
  >
> = {
  'a layer that is cut, each time': {
    misbehave: onBlob((_request, response) => {
      response.writeHead(200).end(Buffer.alloc(100));
      return true;
    }),
    said: /cut|is sha256/,
  },
  'a layer that is other bytes of the same length': {
    prepare: (registry) => registry.putBlob(layer, Buffer.alloc(image.blobs.get(layer)?.length ?? 0)),
    said: /as it claims/,
  },
  'a layer with no end': {
    misbehave: onBlob((_request, response) => {
      response.writeHead(200);
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536), more));
      more();
      return true;
    }),
    said: /more than its/,
  },
  'a configuration that is another': {
    prepare: (registry) => registry.putBlob(image.imageId, Buffer.alloc(image.config.length)),
    said: /as it claims/,
  },
  'a manifest that is not what its header says': {
    misbehave: (_request, response, url) => {
      if (!url.pathname.includes('/manifests/')) return false;
      response.writeHead(200, { 'docker-content-digest': sha256Of('other') }).end(image.manifest);
      return true;
    },
    said: /as it claims/,
  },
  'a manifest without end': {
    misbehave: (_request, response, url) => {
      if (!url.pathname.includes('/manifests/')) return false;
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(65_536, 0x20), more));
      more();
      return true;
    },
    said: /more than \d+ bytes/,
  },
  'redirects that go round': {
    misbehave: (_request, response, url) => {
      response.writeHead(307, { location: url.href }).end();
      return true;
    },
    said: /redirects more than/,
  },
  'a redirect to plain http elsewhere': {
    misbehave: (_request, response) => {
      response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      return true;
    },
    said: /not asked/,
  },
  'a redirect to a file': {
    misbehave: (_request, response) => {
      response.writeHead(307, { location: 'file:///etc/shadow' }).end();
      return true;
    },
    said: /not asked/,
  },
  'a registry that says nothing': { misbehave: () => true, said: /has said nothing/, silent: true },
  'a layer that stops coming': {
    misbehave: onBlob((_request, response) => {
      response.writeHead(200, { 'content-length': 400_000 });
      response.write(Buffer.alloc(10));
      return true;
    }),
    said: /127\.0\.0\.1|sha256/,
    silent: true,
  },
  'connections that are cut at once': {
    misbehave: (request) => {
      request.socket.destroy();
      return true;
    },
    said: /127\.0\.0\.1/,
  },
  'an image that is not there': {
    prepare: (registry) => registry.put('other', image),
    misbehave: (_request, response) => void response.writeHead(404).end() === undefined,
    said: /not found/,
  },
  'too many requests': {
    misbehave: (_request, response) => {
      response.writeHead(429).end('{"errors":[{"message":"toomanyrequests: slow down\\u001b[31m"}]}');
      return true;
    },
    said: /429: toomanyrequests: slow down \[31m/,
  },
  'diff ids that lie': {
    prepare: (registry) =>
      registry.put(
        'app',
        madeImage([[{ name: 'data', content }]], { packing: 'plain', diffIds: [sha256Of('x')] }),
      ),
    said: /as it claims/,
  },
  'fewer diff ids than layers': {
    prepare: (registry) => registry.put('app', madeImage([[{ name: 'a' }]], { diffIds: [] })),
    said: /diff ids/,
  },
  'a layer that leads out': {
    prepare: (registry) =>
      registry.put('app', madeImage([[{ name: '../../../../../../tmp/escaped', content: 'x' }]])),
    said: /leads out/,
  },
};
for (const [title, { misbehave, prepare, said, silent = false }] of Object.entries(failures)) {
  test(`a registry that lies or breaks is told of, and leaves nothing: ${title}`, async (t) => {
    const registry = await FakeRegistry.start(t);
    registry.put('app', image);
    prepare?.(registry);
    if (misbehave !== undefined) registry.misbehave = misbehave;
    const { store, directory } = await openImageStore(t, {
      insecure: [registry.host],
      settings: silent ? { silenceMs: 1_500 } : {},
    });
    const verdict = await store.ensure(`${registry.host}/app`, IF_NOT_PRESENT);
    t.like(verdict, { ok: false, reason: 'ErrImagePull' });
    t.regex(verdict.ok ? '' : verdict.message, said);
    t.deepEqual(await store.list(), []);
    t.deepEqual([readdirSync(join(directory, 'layers')), readdirSync(join(directory, 'work'))], [[], []]);
  });
}

test('a connection that is cut goes on where it was', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('app', image);
  const ranges: (string | undefined)[] = [];
  registry.misbehave = onBlob((request, response) => {
    ranges.push(request.headers.range);
    const bytes = image.blobs.get(layer) ?? Buffer.alloc(0);
    const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
    response.writeHead(from === 0 ? 200 : 206, {
      ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.write(bytes.subarray(from, from + 120_000), () =>
      from + 120_000 >= bytes.length ? response.end() : request.socket.destroySoon(),
    );
    return true;
  });
  const { store } = await openImageStore(t, { insecure: [registry.host] });
  t.true((await store.ensure(`${registry.host}/app`, IF_NOT_PRESENT)).ok);
  t.true(ranges.length >= 3);
  t.is(ranges[0], undefined);
  t.regex(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
});

test('a registry that cannot go on sends it anew', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('app', image);
  let times = 0;
  registry.misbehave = onBlob((request, response) => {
    times += 1;
    delete request.headers.range;
    if (times > 1) return false;
    response.writeHead(200, { 'content-length': 300_000 });
    response.write(Buffer.alloc(1_000), () => request.socket.destroySoon());
    return true;
  });
  const { store } = await openImageStore(t, { insecure: [registry.host] });
  t.true((await store.ensure(`${registry.host}/app`, IF_NOT_PRESENT)).ok);
});

test('a registry that was not named is not spoken to over plain http', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('app', image);
  const { store } = await openImageStore(t, {});
  t.like(await store.ensure(`${registry.host}/app`, IF_NOT_PRESENT), { ok: false, reason: 'ErrImagePull' });
  t.deepEqual(registry.requests, []);
});

const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
const configFor = (host: string, entry: object): string => JSON.stringify({ auths: { [host]: entry } });

test('basic logins: of the pod, of the owner; none, or a wrong one, is refused', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('app', image);
  registry.wants = { authorization: basic, challenge: 'Basic realm="registry"' };
  const { store } = await openImageStore(t, { insecure: [registry.host] });
  const name = `${registry.host}/app`;
  t.regex(JSON.stringify(await store.ensure(name, IF_NOT_PRESENT)), /pull access denied/);
  const wrong = configFor(registry.host, { username: 'me', password: 'wrong' });
  t.like(await store.ensure(name, { policy: 'Always', credentials: [wrong] }), { ok: false });
  const right = configFor(`http://${registry.host}/v2/`, {
    auth: Buffer.from('me:secret').toString('base64'),
  });
  t.true((await store.ensure(name, { policy: 'Always', credentials: [wrong, right] })).ok);
});

test('token logins: the login goes to the place for tokens, the token to the registry, and neither anywhere else', async (t) => {
  const [registry, tokens, elsewhere] = await Promise.all([
    FakeRegistry.start(t),
    FakeRegistry.start(t),
    FakeRegistry.start(t),
  ]);
  registry.put('team/app', image);
  elsewhere.put('team/app', image);
  tokens.misbehave = (request, response, url) => {
    const allowed =
      request.headers.authorization === basic && url.searchParams.get('scope') === 'repository:team/app:pull';
    response
      .writeHead(allowed ? 200 : 401)
      .end(JSON.stringify({ token: `for-${url.searchParams.get('service')}` }));
    return true;
  };
  registry.wants = {
    authorization: 'Bearer for-the-registry',
    challenge: `Bearer realm="http://${tokens.host}/token",service="the-registry",scope="repository:team/app:pull"`,
  };
  registry.misbehave = (request, response, url) => {
    if (!url.pathname.endsWith(layer) || request.headers.authorization !== 'Bearer for-the-registry')
      return false;
    response.writeHead(307, { location: `http://${elsewhere.host}${url.pathname}` }).end();
    return true;
  };
  const { store } = await openImageStore(t, { insecure: [registry.host, tokens.host, elsewhere.host] });
  const credentials = [configFor(registry.host, { username: 'me', password: 'secret' })];
  const verdict = await store.ensure(`${registry.host}/team/app`, { ...IF_NOT_PRESENT, credentials });
  t.true(verdict.ok, JSON.stringify(verdict));
  t.deepEqual(elsewhere.authorizations, ['']);
  t.true(registry.authorizations.every((sent) => sent === '' || sent === 'Bearer for-the-registry'));
  t.true(tokens.authorizations.every((sent) => sent === '' || sent === basic));
});

test('a token that expires is asked for anew', async (t) => {
  const [registry, tokens] = await Promise.all([FakeRegistry.start(t), FakeRegistry.start(t)]);
  registry.put('app', image);
  let serial = 0;
  tokens.misbehave = (_request, response) => {
    serial += 1;
    registry.wants = {
      authorization: `Bearer t${serial}`,
      challenge: `Bearer realm="http://${tokens.host}/token"`,
    };
    response.end(JSON.stringify({ access_token: `t${serial}` }));
    return true;
  };
  registry.wants = { authorization: 'Bearer t0', challenge: `Bearer realm="http://${tokens.host}/token"` };
  registry.misbehave = (_request, _response, url) => {
    if (url.pathname.endsWith(layer) && serial === 1)
      registry.wants = {
        authorization: 'Bearer gone',
        challenge: `Bearer realm="http://${tokens.host}/token"`,
      };
    return false;
  };
  const { store } = await openImageStore(t, { insecure: [registry.host, tokens.host] });
  const verdict = await store.ensure(`${registry.host}/app`, IF_NOT_PRESENT);
  t.true(verdict.ok, JSON.stringify(verdict));
  t.is(serial, 2);
});

test('a mirror is asked first, with its own logins; what it lacks comes from the registry', async (t) => {
  const [registry, mirror] = await Promise.all([FakeRegistry.start(t), FakeRegistry.start(t)]);
  registry.put('only/there', image);
  registry.put('both', image);
  mirror.put('both', image);
  const registries = {
    mirrors: [{ registry: registry.host, url: `http://${mirror.host}` }],
    insecure: [registry.host],
  };
  const { store } = await openImageStore(t, { settings: { registries } });
  const credentials = [configFor(registry.host, { username: 'me', password: 'secret' })];
  t.true((await store.ensure(`${registry.host}/both`, { ...IF_NOT_PRESENT, credentials })).ok);
  t.deepEqual(registry.requests, []);
  t.true((await store.ensure(`${registry.host}/only/there`, { ...IF_NOT_PRESENT, credentials })).ok);
  t.true(mirror.authorizations.every((sent) => sent === ''));
});
