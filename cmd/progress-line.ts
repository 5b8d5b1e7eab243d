import { styleText } from 'node:util';
import type { DaemonEvent } from '../lib/daemon/control-protocol.ts';

const SIGNS = { create: '+', patch: '~', replace: '±', prune: '-' } as const;
const COLOURS = {
  Healthy: 'green',
  Suspended: 'blue',
  Progressing: 'cyan',
  Missing: 'yellow',
  Unknown: 'yellow',
  Degraded: 'red',
} as const;

/** `Progressing`, the longest health state. */
const STATE_COLUMNS = 11;
/** What most objects take, with their kind and namespace. */
const OBJECT_COLUMNS = 32;

/** One event of the daemon as one line for people. */
export function progressLine(event: DaemonEvent, { colour }: { readonly colour: boolean }): string {
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(format, text) : text;
  switch (event.type) {
    case 'revision':
      return paint('bold', `commit   ${event.revision.slice(0, 10)} ${event.subject}`);
    case 'applied':
      return `applied  ${event.revision.slice(0, 10)} ${counts(event)}`;
    case 'object':
      return `  ${SIGNS[event.action]} ${event.object}${event.heals ? ' (drift, healed)' : ''}`;
    case 'health': {
      const padded = event.state.padEnd(STATE_COLUMNS);
      const state =
        event.state in COLOURS ? paint(COLOURS[event.state as keyof typeof COLOURS], padded) : padded;
      const why = [event.reason, oneLine(event.message)].filter((text) => text !== '').join(': ');
      return why === ''
        ? `  ${state}  ${event.object}`
        : `  ${state}  ${event.object.padEnd(OBJECT_COLUMNS)}  ${why}`;
    }
    case 'summary': {
      if (event.sync === 'NoRevision') return paint('yellow', 'Nothing to apply yet');
      const sum = `${event.health}: ${event.healthy} of ${event.total}`;
      const painted = paint(['bold', event.health === 'Healthy' ? 'green' : 'yellow'], sum);
      return event.sync === 'Synced' ? painted : `${painted}  (${event.sync})`;
    }
    case 'problem':
      return paint(event.severity === 'error' ? 'red' : 'yellow', `  ${event.severity} ${event.text}`);
    case 'hold': {
      const what =
        event.mode === 'hold'
          ? `taken back to ${event.goodRevisions.map((revision) => revision.slice(0, 10)).join(', ')} until its manifests change`
          : event.goodRevisions.length === 0
            ? 'left as it is: no version before it was healthy'
            : 'left as it is: it is only reported';
      return paint('red', `rollout failed: ${event.object}: ${oneLine(event.evidence)}\n  ${what}`);
    }
    case 'prune-held':
      return event.approval
        ? paint('red', `deleting waits: ${event.detail}; to go on: pintle approve ${event.id}`)
        : paint('yellow', `deleting waits: ${event.detail}`);
    case 'trouble':
      return paint('red', `${event.message} (${event.code})${event.retried ? '; it is tried again' : ''}`);
  }
}

function counts(event: Extract<DaemonEvent, { readonly type: 'applied' }>): string {
  const { created, changed, pruned, blocked } = event;
  const parts = [
    [created, 'created'],
    [changed, 'changed'],
    [pruned, 'deleted'],
    [blocked, 'left alone'],
  ] as const;
  const said = parts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []));
  return said.length === 0 ? 'nothing to change' : said.join(', ');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
