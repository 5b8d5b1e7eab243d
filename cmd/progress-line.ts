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

/** One event of the daemon as one line for people; null for what is not worth one. */
export function progressLine(event: DaemonEvent, { colour }: { readonly colour: boolean }): string | null {
  const paint = (format: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(format, text) : text;
  switch (event.type) {
    case 'revision':
      return paint('bold', `commit ${event.revision.slice(0, 10)} ${event.subject}`);
    case 'applied': {
      const left = event.blocked > 0 ? `, ${event.blocked} left alone` : '';
      return `applied ${event.revision.slice(0, 10)}: ${event.created} created, ${event.changed} changed, ${event.pruned} deleted${left}`;
    }
    case 'object':
      return `  ${SIGNS[event.action]} ${event.object}${event.heals ? ' (drift, healed)' : ''}`;
    case 'health': {
      const state =
        event.state in COLOURS
          ? paint(COLOURS[event.state as keyof typeof COLOURS], event.state)
          : event.state;
      const why = [event.reason, event.message].filter((text) => text !== '').join(': ');
      return `  ${event.object} ${state}${why === '' ? '' : `  ${why.replace(/\s+/g, ' ')}`}`;
    }
    case 'summary':
      return (
        paint(
          ['bold', event.health === 'Healthy' ? 'green' : 'yellow'],
          `${event.health}: ${event.healthy} of ${event.total}`,
        ) + (event.sync === 'Synced' ? '' : `  (${event.sync})`)
      );
    case 'problem':
      return paint(event.severity === 'error' ? 'red' : 'yellow', `  ${event.severity} ${event.text}`);
    case 'hold': {
      const what =
        event.mode === 'hold'
          ? `taken back to ${event.goodRevisions.map((revision) => revision.slice(0, 10)).join(', ')} until its manifests change`
          : 'reported only';
      return paint('red', `rollout failed: ${event.object}: ${event.evidence}; ${what}`);
    }
    case 'prune-held':
      return paint('red', `deleting waits: ${event.detail}; to go on: pintle approve ${event.id}`);
    case 'trouble':
      return paint('red', `${event.message} (${event.code}); it is tried again`);
  }
}
