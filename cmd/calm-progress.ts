import type { DaemonEvent } from '../lib/daemon/control-protocol.ts';

/**
 * Which events are worth a line: what is healthy from the start was told when it was applied, what failed was told with
 * its hold, and a sum is worth telling once things have come to rest. Remembers what it has seen: one for each stream of events.
 */
export function calmProgress(): (event: DaemonEvent) => boolean {
  const seen = new Set<string>();
  let held = '';
  let lastSum = '';
  return (event) => {
    if (event.type === 'health') {
      const isNew = !seen.has(event.object);
      seen.add(event.object);
      if (event.reason === 'ProgressDeadlineExceeded' && held === event.object) return false;
      return !(isNew && event.state === 'Healthy');
    }
    if (event.type === 'hold') held = event.object;
    if (event.type === 'summary') {
      const { revision, sync, health, healthy, total } = event;
      const sum = `${revision} ${sync} ${health} ${healthy} ${total}`;
      const isNew = sum !== lastSum;
      lastSum = sum;
      return isNew && health !== 'Progressing';
    }
    return true;
  };
}
