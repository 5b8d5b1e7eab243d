import { isObject, type JsonObject } from '../../base/json.ts';
import { firstThree, labelsText, NONE, orElse, selectorText, UNSET } from './cell-text.ts';
import { AGE, type ColumnsByKind, NAME, text, wide } from './column.ts';
import { itemsAt, memberAt, numberAt, textAt, textsAt } from './member-at.ts';

function balancerAddresses(object: JsonObject): string {
  return itemsAt(object, 'status', 'loadBalancer', 'ingress')
    .map((row) => textAt(row, 'ip') || textAt(row, 'hostname'))
    .filter((address) => address !== '')
    .join(',');
}

function externalAddress(service: JsonObject): string {
  const given = textsAt(service, 'spec', 'externalIPs');
  switch (textAt(service, 'spec', 'type')) {
    case 'ExternalName':
      return textAt(service, 'spec', 'externalName');
    case 'LoadBalancer':
      return (
        [balancerAddresses(service), ...given].filter((address) => address !== '').join(',') || '<pending>'
      );
    default:
      return given.join(',') || NONE;
  }
}

function servicePorts(service: JsonObject): string {
  const ports = itemsAt(service, 'spec', 'ports').map((port) => {
    const node = numberAt(port, 'nodePort');
    return `${numberAt(port, 'port')}${node > 0 ? `:${node}` : ''}/${textAt(port, 'protocol') || 'TCP'}`;
  });
  return ports.join(',') || NONE;
}

const hostAndPort = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

function endpointsText(endpoints: JsonObject): string {
  const texts = itemsAt(endpoints, 'subsets').flatMap((subset) => {
    const addresses = itemsAt(subset, 'addresses').map((address) => textAt(address, 'ip'));
    const ports = itemsAt(subset, 'ports').map((port) => numberAt(port, 'port'));
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) => addresses.map((ip) => hostAndPort(ip, port)));
  });
  return firstThree(texts, NONE);
}

function hostsText(ingress: JsonObject): string {
  const hosts = itemsAt(ingress, 'spec', 'rules')
    .map((rule) => textAt(rule, 'host'))
    .filter((host) => host !== '');
  return firstThree(hosts, '*');
}

function parametersText(ingressClass: JsonObject): string {
  const parameters = memberAt(ingressClass, 'spec', 'parameters');
  if (!isObject(parameters)) return NONE;
  const group = textAt(parameters, 'apiGroup');
  return `${textAt(parameters, 'kind').toLowerCase()}${group === '' ? '' : `.${group}`}/${textAt(parameters, 'name')}`;
}

function parentText(ipAddress: JsonObject): string {
  const parent = memberAt(ipAddress, 'spec', 'parentRef');
  if (!isObject(parent)) return UNSET;
  const parts = [textAt(parent, 'resource'), textAt(parent, 'namespace'), textAt(parent, 'name')];
  const group = textAt(parent, 'group');
  return `${group === '' ? '' : `${group}/`}${parts.filter((part) => part !== '').join('/')}`;
}

export const networkColumns: ColumnsByKind = {
  '/Service': [
    NAME,
    text('Type', (object) => textAt(object, 'spec', 'type')),
    text('Cluster-IP', orElse(NONE, 'spec', 'clusterIP')),
    text('External-IP', externalAddress),
    text('Port(s)', servicePorts),
    AGE,
    wide(text('Selector', (object) => labelsText(memberAt(object, 'spec', 'selector')))),
  ],
  '/Endpoints': [NAME, text('Endpoints', endpointsText), AGE],
  'discovery.k8s.io/EndpointSlice': [
    NAME,
    text('AddressType', (object) => textAt(object, 'addressType')),
    text('Ports', (object) =>
      firstThree(
        itemsAt(object, 'ports').map((port) => textAt(port, 'port') || '*'),
        UNSET,
      ),
    ),
    text('Endpoints', (object) =>
      firstThree(
        itemsAt(object, 'endpoints').flatMap((endpoint) => textsAt(endpoint, 'addresses')),
        UNSET,
      ),
    ),
    AGE,
  ],
  'networking.k8s.io/Ingress': [
    NAME,
    text('Class', orElse(NONE, 'spec', 'ingressClassName')),
    text('Hosts', hostsText),
    text('Address', balancerAddresses),
    text('Ports', (object) => (itemsAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    AGE,
  ],
  'networking.k8s.io/IngressClass': [
    NAME,
    text('Controller', (object) => textAt(object, 'spec', 'controller')),
    text('Parameters', parametersText),
    AGE,
  ],
  'networking.k8s.io/NetworkPolicy': [
    NAME,
    text('Pod-Selector', (object) => selectorText(memberAt(object, 'spec', 'podSelector'))),
    AGE,
  ],
  'networking.k8s.io/IPAddress': [NAME, text('ParentRef', parentText)],
  'networking.k8s.io/ServiceCIDR': [
    NAME,
    text('CIDRs', (object) => textsAt(object, 'spec', 'cidrs').join(',')),
    AGE,
  ],
};
