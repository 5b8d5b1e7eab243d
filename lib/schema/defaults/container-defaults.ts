import type { Draft } from '../draft.ts';
import { formatQuantity, quantityOf, roundUpQuantity } from '../quantity.ts';
import type { Container, EphemeralContainer, LifecycleHandler, Probe } from '../types.gen.ts';

/** Source: core/v1 defaults.go SetDefaults_Container. */
export function defaultContainer(container: Draft<Container> | Draft<EphemeralContainer>): void {
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= pullPolicyOf(container.image ?? '');
  container.resources ??= {};
  roundUp(container.resources.limits);
  roundUp(container.resources.requests);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe !== undefined) defaultProbe(probe);
  }
  defaultHandler(container.lifecycle?.postStart);
  defaultHandler(container.lifecycle?.preStop);
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= 'v1';
  }
}

/** Always for `latest` or no tag at all; a digest never changes. Source: parsers.ParseImageName. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

/** Amounts finer than a thousandth are rounded up to it. Source: SetDefaults_ResourceList. */
function roundUp(list: { [key: string]: string | number } | undefined): void {
  for (const [name, amount] of Object.entries(list ?? {})) {
    // Only these two families can be finer than a thousandth; most amounts need no second look.
    if (list === undefined || typeof amount !== 'string' || !/[nu]$/.test(amount)) continue;
    const quantity = quantityOf(amount);
    if (quantity !== null) list[name] = formatQuantity(roundUpQuantity(quantity, -3));
  }
}

function defaultProbe(probe: Draft<Probe>): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
  defaultHandler(probe);
}

function defaultHandler(handler: Draft<Pick<LifecycleHandler, 'httpGet'>> | undefined): void {
  if (handler?.httpGet === undefined) return;
  handler.httpGet.path ??= '/';
  handler.httpGet.scheme ??= 'HTTP';
}
