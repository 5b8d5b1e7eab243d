import type { Clock } from '../base/clock.ts';
import { CompanionLink } from '../base/companion/companion-link.ts';
import { companionPaths } from '../base/companion/companion-paths.ts';
import { entryPoint } from '../base/entry-points.ts';
import { isArray, isObject, type JsonValue } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Carrier } from './proxy/machine-network.ts';
import { OLDEST_PROXY, PROXY_REVISION } from './proxy/protocol.ts';
import { type ProxyState, proxyStateJson } from './proxy/proxy-state.ts';
import type { ListenFailure } from './proxy/proxy-table.ts';

/** The daemon's end of the proxy. Failures: WorldError PROXY_DOWN. */
export type ProxyClient = {
  /** Connects, starting the proxy where there is none. */
  open(): Promise<void>;
  /** What could not be listened at, and what carries connections (null: the proxy, there is nothing else). */
  setState(
    state: ProxyState,
  ): Promise<{ readonly failures: readonly ListenFailure[]; readonly carrier: Carrier | null }>;
  /** Ends the proxy (`pintle down`). */
  shutDown(): Promise<void>;
  /** Leaves it running. */
  close(): Promise<void>;
};

export function proxyClient(options: {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The places that cannot be listened at are others than before. */
  readonly onFailures: (failures: readonly ListenFailure[]) => void;
  /** There is a new proxy: it wants the table. */
  readonly onBack: () => void;
}): ProxyClient {
  const { dataDirectory, clock, log } = options;
  const program = entryPoint('proxy');
  const link = new CompanionLink({
    call: {
      name: 'proxy',
      paths: companionPaths({ dataDirectory, name: 'proxy' }),
      revision: PROXY_REVISION,
      oldestCompanion: OLDEST_PROXY,
      program: { execPath: program.execPath, args: [...program.args, '--data', dataDirectory] },
      clock,
    },
    log,
    downCode: 'PROXY_DOWN',
    onNotice: (event, data) => {
      if (event === 'failures') options.onFailures(failuresOf(data.failures));
    },
    onBack: options.onBack,
  });
  return {
    open: () => link.open(),
    setState: async (state) => {
      const answer = await link.request('set-table', proxyStateJson(state));
      const { failures, carrier } = isObject(answer) ? answer : {};
      return { failures: failuresOf(failures), carrier: carrierOf(carrier) };
    },
    shutDown: () => link.shutDown(),
    close: () => link.close(),
  };
}

function carrierOf(value: JsonValue | undefined): Carrier | null {
  if (!isObject(value)) return null;
  const { by, why = '', keepsFlows } = value;
  if (by !== 'nftables') return { by: 'proxy', why: String(why) };
  return { by, ...(typeof keepsFlows === 'string' && { keepsFlows }) };
}

function failuresOf(value: JsonValue | undefined): readonly ListenFailure[] {
  return (isArray(value) ? value : []).flatMap((one) => {
    if (!isObject(one)) return [];
    const { protocol, address, port, service, pod, code } = one;
    return [
      {
        protocol: protocol === 'UDP' ? 'UDP' : 'TCP',
        address: String(address),
        port: Number(port),
        service: String(service),
        ...(typeof pod === 'string' && { pod }),
        code: String(code),
      },
    ];
  });
}
