import { dnsAddressOf } from '../lib/api/renumber-services.ts';
import { bootId } from '../lib/base/companion/process-identity.ts';
import { WorldError } from '../lib/base/errors.ts';
import { hostResolvConf } from '../lib/daemon/host-resolv-conf.ts';
import { machineFacts } from '../lib/daemon/machine-facts.ts';
import type { Carrier } from '../lib/network/proxy/machine-network.ts';
import { proxyClient } from '../lib/network/proxy-client.ts';
import { serviceSync } from '../lib/network/service-sync.ts';
import { linuxDriver } from '../lib/runtime/linux/linux-driver.ts';
import { podNetwork } from '../lib/runtime/linux/net/pod-network.ts';
import { linuxAbilities } from '../lib/runtime/linux/trial/linux-abilities.ts';
import type { LinuxTrial } from '../lib/runtime/linux/trial/linux-trial.ts';
import type { NodeAbility } from '../lib/runtime/node/node-ability.ts';
import { CLUSTER_DOMAIN } from '../lib/runtime/node/node-settings.ts';
import type { Runtime, RuntimeDeps } from './choose-runtime.ts';
import { version } from './version.ts';

/**
 * Pods with networks of their own, and what leads to them: the bridge is made here already, for the API listens there too. WorldError
 * IPROUTE_MISSING, NETWORK_DENIED, NO_NETWORK_RANGE, NO_LAUNCHER.
 * @param trial  what launchers did on this machine just now
 */
export async function linuxRuntime(deps: RuntimeDeps, trial: LinuxTrial): Promise<Runtime> {
  const { launcher } = trial;
  if (launcher === null) throw new WorldError('NO_LAUNCHER', abilitiesText(linuxAbilities(trial, UNKNOWN)));
  const { dataDirectory, clock, random, log, images } = deps;
  const { hostIP } = machineFacts(version, clock);
  const pods = podNetwork({ dataDirectory, clock, random, log, bootId: bootId() });
  const { bridge, gateway, podRange, serviceRange } = await pods.open();
  const dnsAddress = dnsAddressOf(serviceRange);
  const machine = {
    address: hostIP,
    network: { bridge, gateway, podRange, serviceRange, dnsAddress, domain: CLUSTER_DOMAIN, by: 'nftables' },
  } as const;
  let carrier = (): Carrier | null => null;
  return {
    driver: linuxDriver({ dataDirectory, clock, random, log, network: pods, images, hostIP, launcher }),
    abilities: () => linuxAbilities(trial, { troubles: pods.troubles(), services: carrier() }),
    advice: launcher === 'util-linux' ? abilitiesText(linuxAbilities(trial, UNKNOWN)) : null,
    serviceRange,
    podRange,
    gateway,
    dns: { servers: [dnsAddress], clusterDomain: CLUSTER_DOMAIN, hostResolvConf },
    giveUp: () => (pods.list().length === 0 ? pods.shutDown() : pods.close()),
    async network({ client, informers }) {
      const sync = serviceSync({
        ...{ client, informers, clock, log, podRange, machine },
        proxy: (calls) => proxyClient({ dataDirectory, clock, log, ...calls }),
      });
      carrier = () => sync.carrier();
      await sync.run();
      return { stop: () => sync.stop(), idle: () => true };
    },
    async shutDownNetwork() {
      const proxy = proxyClient({ dataDirectory, clock, log, onFailures: () => {}, onBack: () => {} });
      await proxy.open();
      await proxy.shutDown();
    },
  };
}

/** Of the network nothing is known yet. */
const UNKNOWN = { troubles: [], services: null } as const;

/** What pods do not have, as one text. */
function abilitiesText(abilities: readonly NodeAbility[]): string {
  return abilities.flatMap(({ has, message }) => (has ? [] : [message])).join(' ');
}
