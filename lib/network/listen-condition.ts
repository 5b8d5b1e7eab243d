import { LISTENS_CONDITION } from '../api/own-conditions.ts';
import type { EpochMs } from '../base/clock.ts';
import { conditionOf, setCondition } from '../schema/conditions.ts';
import type { Condition, Service } from '../schema/types.gen.ts';
import { placeOf } from './address-table.ts';
import type { ListenFailure } from './proxy/proxy-table.ts';

/** The Service with what is to be said of its listening; null when its status says it already. */
export function withListening(
  service: Service,
  failures: readonly ListenFailure[],
  now: EpochMs,
): Service | null {
  const before = service.status?.conditions;
  if (failures.length === 0 && conditionOf(before, LISTENS_CONDITION)?.status !== 'False') return null;
  const says = {
    type: LISTENS_CONDITION,
    lastTransitionTime: '',
    ...(failures.length === 0
      ? { status: 'True', reason: 'Listens', message: 'Every address is listened at.' }
      : { status: 'False', reason: 'ListenFailed', message: failures.map(listenMessage).join(' ') }),
  };
  const conditions = setCondition<Condition>(before, says, now);
  return conditions === before ? null : { ...service, status: { ...service.status, conditions } };
}

/** What is wrong, and what to do about it. */
export function listenMessage(failure: ListenFailure): string {
  const { port, address, code } = failure;
  const place = placeOf(failure);
  if (code === 'EADDRINUSE' && failure.pod !== undefined)
    return `Cannot listen at ${place}: another program on this machine has the port. Choose another hostPort.`;
  if (code === 'EADDRINUSE' && address === '0.0.0.0')
    return `Cannot listen at ${place}: another program on this machine has the port. Choose another nodePort.`;
  if (code === 'EADDRNOTAVAIL')
    return `Cannot listen at ${place}: ${address} is no address of this machine, and connections to others are not turned away from them.`;
  if (code === 'EPROTONOSUPPORT') return `Cannot listen at ${place}: SCTP is not led to pods here.`;
  if (code === 'EADDRINUSE')
    return `Cannot listen at ${place}: a program on this machine listens on port ${port} of all addresses, and connections to the Service reach it alone. Give the Service another port than its pods, or let them read PORT.`;
  if (code === 'EACCES')
    return `Cannot listen at ${place}: ports below net.ipv4.ip_unprivileged_port_start need root. Give the Service a higher port.`;
  return `Cannot listen at ${place}: ${code}.`;
}
