import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { EventRecorder } from '../../api/event-recorder.ts';
import { limits, timings } from '../../base/limits.ts';
import { manualClock } from '../../base/manual-clock.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { until } from '../../testing/until.ts';
import { type PodScraper, podScraper } from './pod-scraper.ts';

const pod = (port: number, more: Partial<Pod['metadata']> = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'one',
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) },
      ...more,
    },
    spec: { containers: [{ name: 'web' }] },
    status: { phase: 'Running', podIP: '127.0.0.1' },
  }) as Pod;

type Scene = {
  readonly scraper: PodScraper;
  readonly clock: ReturnType<typeof manualClock>;
  readonly port: number;
  readonly told: string[];
  readonly requests: string[];
  readonly sockets: Socket[];
};

async function scene(t: ExecutionContext, answer: RequestListener): Promise<Scene> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.host}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await until(() => server.listening, { what: 'the server to listen' });
  const { port } = server.address() as AddressInfo;
  const clock = manualClock();
  const told: string[] = [];
  const events = { record: (_object, { reason, message }) => void told.push(`${reason} ${message}`) } as Pick<
    EventRecorder,
    'record'
  > as EventRecorder;
  const scraper = podScraper({
    clock,
    events,
    connect: async (_pod, to) => {
      const socket = connect({ host: '127.0.0.1', port: to, allowHalfOpen: true });
      sockets.push(socket);
      return socket;
    },
  });
  t.teardown(() => {
    scraper.stop();
    server.closeAllConnections();
    server.close();
  });
  return { scraper, clock, port, told, requests, sockets };
}

/** Waits until what is asked has been answered; for one that does not answer, until its time is over. */
async function settled({ clock, sockets }: Scene, hangs = false): Promise<void> {
  await until(
    async () => {
      if (hangs) await clock.run(timings.metricScrapeTimeoutMs);
      return sockets.every((socket) => socket.destroyed);
    },
    { what: 'the scrape to end' },
  );
  // What follows the end of a connection follows at once.
  await new Promise((resolve) => setImmediate(resolve));
}

/** Lets the next scrape come, and end. */
async function nextScrape(world: Scene, hangs = false): Promise<void> {
  await settled(world, hangs);
  const before = world.sockets.length;
  await world.clock.run(timings.metricScrapeMs);
  await until(() => world.sockets.length > before, { what: 'the next scrape' });
  await settled(world, hangs);
}

test('a counter of a pod is a rate after two scrapes, and nothing once the pod is gone', async (t) => {
  let count = 0;
  const world = await scene(t, (_request, response) => {
    count += 10;
    response.end(`# TYPE requests counter\nrequests_total{path="/"} ${count}\nload 0.5\n`);
  });
  const { scraper, port } = world;
  scraper.see(pod(port));
  await until(() => scraper.metrics('load').length === 1, { what: 'the first scrape' });
  t.deepEqual(scraper.metrics('requests_per_second'), []);
  await nextScrape(world);
  await until(() => scraper.metrics('requests_per_second').length === 1, { what: 'a rate' });
  const [rate] = scraper.metrics('requests_per_second');
  t.like(rate, { namespace: 'shop', pod: 'web', name: 'requests_per_second' });
  t.deepEqual({ ...rate?.labels }, { path: '/' });
  t.true((rate?.value ?? 0) > 0);
  t.is(world.requests[0], `GET /metrics 127.0.0.1:${port}`);
  scraper.lose('one');
  t.deepEqual(scraper.metrics(), []);
});

const unreadable: readonly {
  readonly title: string;
  readonly answer: RequestListener;
  readonly why: RegExp;
  readonly hangs?: boolean;
}[] = [
  {
    title: 'a page that is no metrics',
    answer: (_request, response) => response.end('<html>'),
    why: /line 1/,
  },
  {
    title: 'a status that is not 200',
    answer: (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    why: /status 302/,
  },
  {
    title: 'an answer that does not end',
    answer: (_request, response) => {
      const chunk = `# ${'x'.repeat(64 * 1024)}\n`;
      const more = (): void => {
        if (!response.destroyed && response.write(chunk)) setImmediate(more);
        else if (!response.destroyed) response.once('drain', more);
      };
      more();
    },
    why: new RegExp(String(limits.metricBodyBytesMax)),
  },
  {
    title: 'what is not UTF-8',
    answer: (_request, response) => response.end(Buffer.from([0x61, 0xff])),
    why: /./,
  },
  { title: 'an answer that does not come', answer: () => undefined, why: /did not answer/, hangs: true },
];

for (const { title, answer, why, hangs = false } of unreadable)
  test(`${title} is refused, and told once`, async (t) => {
    const world = await scene(t, answer);
    world.scraper.see(pod(world.port));
    for (let failures = 0; failures < 4; failures += 1) await nextScrape(world, hangs);
    t.is(world.told.length, 1);
    t.regex(world.told[0] ?? '', why);
    t.deepEqual(world.scraper.metrics(), []);
  });

test('what the annotations say wrong is told, and no connection is made', async (t) => {
  const world = await scene(t, (_request, response) => response.end());
  world.scraper.see(
    pod(world.port, { annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': 'x' } }),
  );
  await until(
    async () => {
      await world.clock.run(timings.metricScrapeMs);
      return world.told.length > 0;
    },
    { what: 'the trouble to be told' },
  );
  t.deepEqual(world.requests, []);
});

test('an address that would be a header of its own is refused as any other trouble, and no connection is made', async (t) => {
  const world = await scene(t, (_request, response) => response.end());
  const wrong = pod(world.port);
  world.scraper.see({ ...wrong, status: { phase: 'Running', podIP: '127.0.0.1\r\nauthorization: x' } });
  await until(
    async () => {
      await world.clock.run(timings.metricScrapeMs);
      return world.told.length > 0;
    },
    { what: 'the trouble to be told' },
  );
  t.deepEqual(world.requests, []);
});

test('a pod that is lost and found again while it waits is asked once', async (t) => {
  const world = await scene(t, () => undefined);
  const named = (uid: string): Pod => pod(world.port, { uid });
  for (let each = 0; each < limits.metricScrapesAtOnce; each += 1) world.scraper.see(named(`slow-${each}`));
  for (let each = 0; each < 20; each += 1) {
    world.scraper.see(named('turncoat'));
    world.scraper.lose('turncoat');
  }
  world.scraper.see(named('turncoat'));
  await until(() => world.requests.length === limits.metricScrapesAtOnce, {
    what: 'all that may be at once',
  });
  for (let each = 0; each < limits.metricScrapesAtOnce; each += 1) world.scraper.lose(`slow-${each}`);
  await world.clock.run(timings.metricScrapeTimeoutMs);
  await until(() => world.requests.length > limits.metricScrapesAtOnce, { what: 'the one that waited' });
  await settled(world, true);
  t.is(world.sockets.length, limits.metricScrapesAtOnce + 1);
});
