import { PORTS_ANNOTATION } from '../../api/annotations.ts';
import type { Informer } from '../../api/informer.ts';
import { toRfc3339 } from '../../base/clock.ts';
import { deepEqual } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import { isMirrorPod, staticAnnotations } from '../../schema/mirror-pod.ts';
import type { Pod } from '../../schema/types.gen.ts';
import type { PodRoster } from '../pod-roster.ts';
import type { PodWriter } from '../pod-writer.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';
import type { ManifestDirectory } from './manifest-directory.ts';
import { mirrorPods } from './mirror-pods.ts';
import { readStaticPods, type StaticPod, type StaticProblem } from './read-static-pods.ts';

export type StaticPodSettings = {
  readonly directory: ManifestDirectory;
  /** All that is wrong with the directory now; [] when nothing is any more. */
  readonly onProblems: (problems: readonly StaticProblem[]) => void;
};

export type StaticPods = {
  /** Takes up what the directory holds, before what runs is compared with what should. */
  start(): Promise<void>;
  /** A mirror of this node in the API is another, or gone. */
  seeMirror(pod: Pod): void;
  /** The static pod of this name as it runs; undefined: there is none. */
  podOf(namespace: string, name: string): Pod | undefined;
  writerOf(podUid: string): PodWriter | undefined;
  stop(): void;
};

/** What runs under one name. */
type Entry = {
  readonly file: string;
  /** With its status, which is kept here; the API's copy is its mirror's. */
  pod: Pod;
  ending: boolean;
  /** What takes its place once it is gone. */
  next: StaticPod | null;
};

/**
 * Runs the pods of a directory without the API's say: each file's pods begin, change and end with it. A changed pod is another one,
 * which begins when the one before is gone. While a file, or the directory, cannot be read, its pods stay as they are.
 * CRASH: at any line: uids are made of what the files say, so the next daemon knows what runs, and the status is in the mirrors.
 */
export function staticPods(options: {
  readonly settings: StaticPodSettings | undefined;
  readonly edge: RuntimeEdge;
  readonly mirrors: Informer<Pod>;
  readonly roster: Pick<PodRoster, 'see' | 'lose' | 'tends'>;
}): StaticPods {
  const { settings, edge, roster } = options;
  const { clock, nodeName } = edge;
  const { schema } = edge.client;
  /** By namespace and name. */
  const entries = new Map<string, Entry>();
  let version = 0;
  /** Before that nobody knows which mirrors are of something. */
  let started = false;
  let stopped = false;
  let following: { stop(): void } | null = null;
  let saidProblems: readonly StaticProblem[] = [];

  const keyOf = ({ metadata }: Pod): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;
  const mirror = mirrorPods({
    edge,
    podOf: (namespace, name) => entries.get(`${namespace}/${name}`)?.pod ?? null,
  });
  const wakeMirror = ({ metadata }: Pod): void => mirror.wake(metadata.namespace ?? 'default', metadata.name);
  const mirrorOf = (pod: Pod): Pod | undefined => {
    const { namespace = 'default', name } = pod.metadata;
    const found = options.mirrors.get({ namespace, name });
    return found !== undefined && isMirrorPod(found) ? found : undefined;
  };
  /** Each look of a worker is at the newest: versions are ours. */
  const versioned = (pod: Pod): Pod => {
    version += 1;
    return { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } };
  };
  const change = (entry: Entry, pod: Pod): Pod => {
    entry.pod = versioned(pod);
    wakeMirror(entry.pod);
    return entry.pod;
  };
  const begin = (wanted: StaticPod): void => {
    const { pod, file } = wanted;
    const uid = pod.metadata.uid ?? '';
    if (stopped || entries.has(keyOf(pod))) return;
    if (roster.tends(uid)) {
      // The same pod, put back before what was left of it is gone.
      clock.setTimer(timings.staticSuccessorMs, () => begin(wanted));
      return;
    }
    const shown = mirrorOf(pod);
    const isSame = shown?.metadata.annotations?.[staticAnnotations.mirror] === uid;
    const ports = isSame ? shown?.metadata.annotations?.[PORTS_ANNOTATION] : undefined;
    const annotations = {
      ...pod.metadata.annotations,
      ...(ports !== undefined && { [PORTS_ANNOTATION]: ports }),
    };
    const status = isSame ? shown?.status : pod.status;
    const taken = {
      ...pod,
      metadata: { ...pod.metadata, annotations },
      ...(status !== undefined && { status }),
    };
    const entry: Entry = { file, pod: taken, ending: false, next: null };
    entries.set(keyOf(pod), entry);
    roster.see(change(entry, taken));
  };
  const end = (entry: Entry): void => {
    if (entry.ending) return;
    entry.ending = true;
    const { pod } = entry;
    const deletionGracePeriodSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
    const deletionTimestamp = toRfc3339(clock.now() + deletionGracePeriodSeconds * 1_000);
    roster.see(
      change(entry, { ...pod, metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds } }),
    );
  };
  const follow = (pods: readonly StaticPod[], broken: ReadonlySet<string>): void => {
    const wanted = new Map(pods.map((each) => [keyOf(each.pod), each]));
    for (const [key, entry] of entries) {
      const next = wanted.get(key) ?? null;
      if (next === null && broken.has(entry.file)) continue;
      const isSame = next?.pod.metadata.uid === entry.pod.metadata.uid;
      if (isSame && !entry.ending) continue;
      entry.next = next;
      end(entry);
    }
    for (const each of wanted.values()) begin(each);
  };
  /** What a broken file said before, as its mirrors show it. */
  const remembered = (broken: ReadonlySet<string>): readonly StaticPod[] =>
    [...options.mirrors.objects.values()].flatMap((shown): readonly StaticPod[] => {
      const { annotations = {}, name, namespace, labels, creationTimestamp } = shown.metadata;
      const { [staticAnnotations.mirror]: uid, [staticAnnotations.file]: file, ...rest } = annotations;
      if (shown.spec.nodeName !== nodeName || uid === undefined || file === undefined || !broken.has(file))
        return [];
      const metadata = {
        ...{ name, namespace, uid, creationTimestamp, labels },
        annotations: { ...rest, [staticAnnotations.file]: file },
      };
      return [{ file, pod: { ...shown, metadata } }];
    });
  const say = (problems: readonly StaticProblem[]): void => {
    if (deepEqual(problems, saidProblems)) return;
    saidProblems = problems;
    settings?.onProblems(problems);
  };
  const look = async (first: boolean): Promise<void> => {
    if (settings === undefined) return;
    const { directory } = settings;
    const read = await directory.read();
    if (stopped) return;
    if (read.trouble !== undefined) {
      const message = `${read.trouble}. Its pods stay as they are.`;
      say([{ file: directory.name, line: 1, column: 1, ruleId: 'unreadable-directory', message }]);
      if (first) follow(remembered(new Set(filesShown())), new Set());
      return;
    }
    const reading = readStaticPods(read.files, { schema, nodeName, now: clock.now() });
    say(reading.problems);
    const before = first ? remembered(reading.broken) : [];
    follow([...before, ...reading.pods], reading.broken);
  };
  const filesShown = (): readonly string[] =>
    [...options.mirrors.objects.values()].flatMap(
      ({ metadata }) => metadata.annotations?.[staticAnnotations.file] ?? [],
    );
  const writer: PodWriter = {
    async writeStatus(pod, status) {
      const entry = entries.get(keyOf(pod));
      if (entry === undefined || deepEqual(entry.pod.status, status)) return entry?.pod ?? null;
      return change(entry, { ...entry.pod, status });
    },
    async writePorts(pod, { ports }) {
      const entry = entries.get(keyOf(pod));
      if (entry === undefined) return null;
      const moved = [...ports].filter(([port, listening]) => port !== listening);
      const text = JSON.stringify(Object.fromEntries(moved.map(([port, at]) => [String(port), at])));
      const { annotations } = entry.pod.metadata;
      if (moved.length === 0 || annotations?.[PORTS_ANNOTATION] === text) return entry.pod;
      const metadata = { ...entry.pod.metadata, annotations: { ...annotations, [PORTS_ANNOTATION]: text } };
      return change(entry, { ...entry.pod, metadata });
    },
    async finishDeletion(pod) {
      const entry = entries.get(keyOf(pod));
      if (entry === undefined) return true;
      entries.delete(keyOf(pod));
      wakeMirror(pod);
      // Its worker is in the middle of this step, and hears of it after.
      setImmediate(() => {
        roster.lose(pod);
        if (entry.next !== null) begin(entry.next);
      });
      return true;
    },
  };
  return {
    async start() {
      await look(true);
      started = true;
      if (settings !== undefined) following = settings.directory.follow({ clock, look: () => look(false) });
      // What is shown and not run any more.
      for (const shown of options.mirrors.objects.values())
        if (isMirrorPod(shown) && shown.spec.nodeName === nodeName) wakeMirror(shown);
    },
    seeMirror(pod) {
      if (started) wakeMirror(pod);
    },
    podOf: (namespace, name) => entries.get(`${namespace}/${name}`)?.pod,
    writerOf: (podUid) =>
      [...entries.values()].some(({ pod }) => pod.metadata.uid === podUid) ? writer : undefined,
    stop() {
      stopped = true;
      following?.stop();
      mirror.stop();
    },
  };
}
