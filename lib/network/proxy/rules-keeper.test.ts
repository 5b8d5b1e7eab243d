import { execFileSync } from 'node:child_process';
import test from 'ava';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { toolEnvironment } from '../../base/run-program.ts';
import { podNetwork } from '../../runtime/linux/net/pod-network.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { networkLeft } from '../../testing/network-left.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import type { MachineNetwork } from './machine-network.ts';
import type { ProxyListener } from './proxy-table.ts';
import { RulesKeeper } from './rules-keeper.ts';
import { removeServiceRoute, setServiceRoute } from './service-route.ts';
import { serviceRules, serviceTableOf } from './service-rules.ts';

const tested = needsRoot(['ip', 'nft']) ? test.serial : test.serial.skip;
const tool = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', env: toolEnvironment() });

tested(
  'rules and routes that somebody takes away are put back; a change that does not fit is made whole',
  async (t) => {
    const dataDirectory = await temporaryDirectory(t);
    const shared = { clock: systemClock(), log: silentLog() };
    const pods = podNetwork({ ...shared, dataDirectory, random: systemRandom(), bootId: 'this boot' });
    const plan = await pods.open();
    const machine: MachineNetwork = {
      ...plan,
      ...{ dnsAddress: plan.gateway, domain: 'cluster.local', by: 'nftables' },
    };
    const keeper = new RulesKeeper(shared.clock, shared.log);
    t.teardown(async () => {
      await keeper.remove(machine);
      await removeServiceRoute(machine, shared.clock);
      await pods.shutDown();
    });
    const listener = (port: number): ProxyListener => ({
      ...{ protocol: 'TCP', address: plan.gateway, port, service: 'a/b', affinitySeconds: 60 },
      backends: [{ address: '10.0.0.9', port: 80 }],
    });
    const rules = (...ports: readonly number[]) => serviceRules(ports.map(listener), machine);
    const table = serviceTableOf(machine);
    const listed = (): string => tool('nft', 'list', 'table', 'ip', table);

    await keeper.apply(rules(1), machine);
    await setServiceRoute(machine, 'nftables', shared.clock);
    t.regex(listed(), /tcp_1_/);
    tool('nft', 'delete', 'table', 'ip', table);
    tool('ip', 'route', 'del', plan.serviceRange, 'dev', plan.bridge);
    await keeper.check();
    t.regex(listed(), /tcp_1_/);
    t.not(tool('ip', 'route', 'show', plan.serviceRange, 'dev', plan.bridge), '');

    // The table is another than we think: the change fails, and the whole goes through.
    tool('nft', 'delete', 'table', 'ip', table);
    await keeper.apply(rules(2), machine);
    t.regex(listed(), /tcp_2_/);
    t.notRegex(listed(), /tcp_1_/);

    // Another proxy: clients keep the backends they had.
    const [set] = rules(2).sets.keys();
    tool('nft', 'add', 'element', 'ip', table, set ?? '', '{ 192.0.2.7 }');
    const next = new RulesKeeper(shared.clock, shared.log);
    t.teardown(() => next.close());
    await next.apply(rules(2, 3), machine);
    t.regex(listed(), /192\.0\.2\.7 (timeout 1m )?expires/);
    t.regex(listed(), /tcp_3_/);
    next.close();
    await keeper.remove(machine);
    t.deepEqual(
      networkLeft(plan.bridge, dataDirectory).filter((name) => name === table),
      [],
    );
  },
);
