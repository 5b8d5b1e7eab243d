import { type DraftObject, type DraftValue, draftAt, draftItems, isAbsent, isDraftObject } from '../draft.ts';
import type { ConversionNotes, ConversionTable } from './conversion-step.ts';

/** `{serviceName, servicePort}` → `{service: {name, port: {number | name}}}`. */
function backend(old: DraftValue | undefined): boolean {
  if (!isDraftObject(old) || !isAbsent(old.service)) return false;
  const { serviceName, servicePort } = old;
  if (isAbsent(serviceName) && isAbsent(servicePort)) return false;
  delete old.serviceName;
  delete old.servicePort;
  const service: DraftObject = {};
  if (!isAbsent(serviceName)) service.name = serviceName;
  if (!isAbsent(servicePort))
    service.port = typeof servicePort === 'number' ? { number: servicePort } : { name: servicePort };
  old.service = service;
  return true;
}

function ingress(draft: DraftObject, notes: ConversionNotes): void {
  const spec = draftAt(draft, 'spec');
  if (spec === undefined) return;
  if (isAbsent(spec.defaultBackend) && !isAbsent(spec.backend)) {
    spec.defaultBackend = spec.backend;
    delete spec.backend;
    backend(spec.defaultBackend);
    notes.toWrite.push(`spec.defaultBackend: ${JSON.stringify(spec.defaultBackend)}`);
  }
  draftItems(spec.rules).forEach((rule, at) => {
    draftItems(draftAt(rule, 'http')?.paths).forEach((path, pathAt) => {
      const where = `spec.rules[${at}].http.paths[${pathAt}]`;
      if (backend(path.backend)) notes.toWrite.push(`${where}.backend: ${JSON.stringify(path.backend)}`);
      if (!isAbsent(path.pathType)) return;
      path.pathType = 'ImplementationSpecific';
      notes.toWrite.push(`${where}.pathType: ImplementationSpecific`);
    });
  });
}

/** Topology labels became fields; what is left of them is kept aside, as upstream does. */
function endpointSlice(draft: DraftObject): void {
  for (const endpoint of draftItems(draft.endpoints)) {
    const { topology } = endpoint;
    if (!isDraftObject(topology)) continue;
    delete endpoint.topology;
    const { 'kubernetes.io/hostname': nodeName, 'topology.kubernetes.io/zone': zone, ...rest } = topology;
    if (!isAbsent(nodeName) && isAbsent(endpoint.nodeName)) endpoint.nodeName = nodeName;
    if (!isAbsent(zone)) endpoint.zone = zone;
    if (Object.keys(rest).length > 0) endpoint.deprecatedTopology = rest;
  }
}

/** The events of their own group, and of core, are one object with two spellings. Source: events/v1 conversion. */
function event(draft: DraftObject): void {
  const renamed: Readonly<Record<string, string>> = {
    regarding: 'involvedObject',
    note: 'message',
    reportingController: 'reportingComponent',
    deprecatedSource: 'source',
    deprecatedFirstTimestamp: 'firstTimestamp',
    deprecatedLastTimestamp: 'lastTimestamp',
    deprecatedCount: 'count',
  };
  for (const [old, name] of Object.entries(renamed)) {
    const value = draft[old];
    delete draft[old];
    if (!isAbsent(value)) draft[name] = value;
  }
  if (isAbsent(draft.involvedObject)) draft.involvedObject = {};
}

export const networkConversions: ConversionTable = {
  'extensions/v1beta1/Ingress': { removedIn: '1.22', convert: ingress },
  'networking.k8s.io/v1beta1/Ingress': { removedIn: '1.22', convert: ingress },
  'networking.k8s.io/v1beta1/IngressClass': { removedIn: '1.22' },
  'networking.k8s.io/v1beta1/IPAddress': {},
  'networking.k8s.io/v1beta1/ServiceCIDR': {},
  'extensions/v1beta1/NetworkPolicy': { removedIn: '1.16' },
  'discovery.k8s.io/v1beta1/EndpointSlice': { removedIn: '1.25', convert: endpointSlice },
  'events.k8s.io/v1/Event': { convert: event },
  'events.k8s.io/v1beta1/Event': { removedIn: '1.25', convert: event },
};
