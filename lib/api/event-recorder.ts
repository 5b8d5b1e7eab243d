import { type Clock, type EpochMs, toRfc3339 } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { type KubeObject, type ObjectRef, refOf } from '../schema/object.ts';
import type { Event, ObjectReference } from '../schema/types.gen.ts';
import { isApiError } from './api-error.ts';
import type { Caller, Client } from './client.ts';
import { eventCorrelator, type Report } from './event-correlator.ts';

/** What is told about an object; who tells is the recorder's. */
export type Note = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The part of the object that it is about, e.g. `spec.containers{web}`; unset: all of it. */
  readonly fieldPath?: string | undefined;
};

/**
 * Records v1 Events through a Client. Telling never fails and never waits: what cannot be written is logged and dropped, for
 * an event is a courtesy and what it tells of has happened all the same.
 */
export type EventRecorder = {
  record(object: KubeObject, note: Note): void;
  /** Nothing waits to be written. */
  idle(): boolean;
  /** Resolves once what was recorded so far is written (or dropped). */
  flush(): Promise<void>;
};

export function eventRecorder(options: {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  /** Who tells, e.g. `deployment-controller`. */
  readonly component: string;
  /** The node it tells from; unset: it is none's. */
  readonly host?: string;
}): EventRecorder {
  const { client, clock, component, host } = options;
  const log = options.log.with({ component });
  const caller: Caller = { user: `system:${component}`, fieldManager: component };
  const correlator = eventCorrelator();
  let queued = 0;
  let sequence = 0;
  let tail: Promise<void> = Promise.resolve();

  const create = async (report: Report, message: string, now: EpochMs): Promise<string> => {
    for (let tries = 1; ; tries += 1) {
      sequence += 1;
      const event = newEvent({ ...report, message }, { now, sequence, host });
      try {
        await client.create(event, caller);
        return event.metadata.name;
      } catch (failure) {
        // Another component tells of the same object in the same millisecond.
        if (!isApiError(failure, 'AlreadyExists') || tries >= limits.eventNameTriesMax) throw failure;
      }
    }
  };

  const write = async (report: Report, now: EpochMs): Promise<void> => {
    const next = correlator.correlate(report, now);
    if (next.do === 'drop') return;
    if (next.do === 'create') {
      correlator.created(next.key, await create(report, next.message, now));
      return;
    }
    const ref: ObjectRef = {
      group: '',
      kind: 'Event',
      namespace: namespaceOf(report.object),
      name: next.name,
    };
    try {
      const said = { count: next.count, message: next.message, lastTimestamp: toRfc3339(now) };
      const operations = Object.entries(said).map(
        ([field, value]) => ({ op: 'add', path: `/${field}`, value }) as const,
      );
      await client.patch(ref, { type: 'json', operations }, caller);
    } catch (failure) {
      if (!isApiError(failure, 'NotFound')) throw failure;
      // It lived out its hour.
      correlator.created(next.key, await create(report, next.message, now));
    }
  };

  const attempt = async (report: Report, now: EpochMs): Promise<void> => {
    try {
      await write(report, now);
    } catch (failure) {
      if (!isApiError(failure) && !(failure instanceof WorldError)) throw failure;
      log.debug('event-dropped', { reason: report.reason, failure: messageOf(failure) });
    } finally {
      queued -= 1;
    }
  };

  return {
    record(object, note) {
      if (queued >= limits.eventQueueMax) {
        log.warn('event-dropped', { reason: note.reason, failure: 'too many wait' });
        return;
      }
      queued += 1;
      const now = clock.now();
      const message = note.message.slice(0, limits.eventMessageCharsMax);
      const { type, reason, fieldPath } = note;
      const told = { ...referenceTo(object), ...(fieldPath !== undefined && { fieldPath }) };
      const report = { component, object: told, type, reason, message };
      tail = tail.then(() => attempt(report, now));
    },
    idle: () => queued === 0,
    flush: () => tail,
  };
}

function referenceTo(object: KubeObject): ObjectReference {
  const { namespace, name } = refOf(object);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace !== '' && { namespace }),
    uid: object.metadata.uid,
    resourceVersion: object.metadata.resourceVersion,
  };
}

/** Events about what has no namespace live in `default`. Source: client-go. */
function namespaceOf(object: ObjectReference): string {
  return object.namespace ?? 'default';
}

/** The name is the object's and the time in hexadecimal nanoseconds, as upstream; the sequence keeps two in one millisecond apart. */
function newEvent(
  report: Report,
  at: { readonly now: EpochMs; readonly sequence: number; readonly host: string | undefined },
): Event {
  const nanoseconds = BigInt(Math.trunc(at.now)) * 1_000_000n + BigInt(at.sequence % 1_000_000);
  const time = toRfc3339(at.now);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${report.object.name}.${nanoseconds.toString(16)}`,
      namespace: namespaceOf(report.object),
    },
    involvedObject: report.object,
    reason: report.reason,
    message: report.message,
    type: report.type,
    source: { component: report.component, ...(at.host !== undefined && { host: at.host }) },
    reportingComponent: report.component,
    ...(at.host !== undefined && { reportingInstance: at.host }),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
