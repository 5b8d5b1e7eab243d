import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { ApiCause } from '../api-error.ts';
import { invalid } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';
import { specialAddress } from './special-address.ts';

type Place = { readonly field: string; readonly address: JsonValue };

/**
 * Who writes the endpoints of a Service does not lead it to what listens for this machine only: the proxy that follows them is not the
 * pod that asks. The addresses of pods, which are loopback addresses under `process`, are written by the controller; that of the API by
 * the API. Source: validation of Endpoints and EndpointSlices.
 */
export function admitEndpointAddresses(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  const placesOf = reader(kind);
  if (placesOf === null || isOurs(context)) return object;
  // What was there already is not put there by this write: a label can still be changed.
  const before = new Set(previous === undefined ? [] : placesOf(previous).map(({ address }) => address));
  const causes = placesOf(object).flatMap(({ field, address }): readonly ApiCause[] => {
    const why = before.has(address) || typeof address !== 'string' ? null : specialAddress(address);
    if (why === null) return [];
    return [
      { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(address)}: ${why}`, field },
    ];
  });
  if (causes.length > 0) throw invalid(kind, object.metadata.name, causes);
  return object;
}

/** A part of Pintle speaks without groups, or as the API without a connection. */
function isOurs({ caller }: WriteContext): boolean {
  return caller.groups === undefined || (caller.user === 'system:apiserver' && caller.tracksFields !== true);
}

function reader({ group, kind }: Admission['kind']): ((object: KubeObject) => readonly Place[]) | null {
  if (group === '' && kind === 'Endpoints') return endpointsPlaces;
  if (group === 'discovery.k8s.io' && kind === 'EndpointSlice') return slicePlaces;
  return null;
}

function endpointsPlaces({ subsets }: KubeObject): readonly Place[] {
  return objectsIn(subsets).flatMap((subset, at) =>
    ['addresses', 'notReadyAddresses'].flatMap((list) =>
      objectsIn(subset[list]).map(({ ip = '' }, index) => ({
        field: `subsets[${at}].${list}[${index}].ip`,
        address: ip,
      })),
    ),
  );
}

function slicePlaces({ addressType, endpoints }: KubeObject): readonly Place[] {
  // Names are not followed.
  if (addressType === 'FQDN') return [];
  return objectsIn(endpoints).flatMap(({ addresses }, at) =>
    (isArray(addresses) ? addresses : []).map((address, index) => ({
      field: `endpoints[${at}].addresses[${index}]`,
      address,
    })),
  );
}

function objectsIn(value: unknown): readonly JsonObject[] {
  return isArray(value as JsonValue) ? (value as readonly JsonValue[]).filter(isObject) : [];
}
