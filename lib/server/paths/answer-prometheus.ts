import { secondMs } from '../../base/clock.ts';
import type { Exchange } from '../exchange.ts';
import { inFlightKinds } from '../fairness/in-flight.ts';
import { send } from '../wire/write-response.ts';

type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly rows: readonly { readonly labels: string; readonly value: number }[];
};

/** `/metrics`, for Prometheus. Names as the API server of Kubernetes has them, where it counts the same. */
export function answerPrometheus({ deps, response }: Exchange): void {
  const { counts, inFlight } = deps;
  const { cpuUsage, memoryUsage } = process;
  const { user, system } = cpuUsage();
  const families: readonly Family[] = [
    {
      name: 'apiserver_request_total',
      help: 'Requests answered, by verb, resource and code.',
      type: 'counter',
      rows: counts.rows().map(({ labels, count }) => ({ labels, value: count })),
    },
    {
      name: 'apiserver_current_inflight_requests',
      help: 'Requests being answered; streams are those held open for long.',
      type: 'gauge',
      rows: inFlightKinds.map((kind) => ({ labels: `request_kind="${kind}"`, value: inFlight.count(kind) })),
    },
    {
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the daemon.',
      type: 'counter',
      rows: [{ labels: '', value: (user + system) / 1_000 / secondMs }],
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory of the daemon.',
      type: 'gauge',
      rows: [{ labels: '', value: memoryUsage.rss() }],
    },
  ];
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  send(response, Buffer.from(families.map(familyText).join(''), 'utf8'));
}

function familyText({ name, help, type, rows }: Family): string {
  const lines = rows.map(({ labels, value }) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
