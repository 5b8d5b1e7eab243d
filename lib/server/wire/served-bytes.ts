import { storedBytes } from '../../api/object-codec.ts';
import type { KubeObject } from '../../schema/object.ts';
import { servedForm } from '../../schema/served-form.ts';

const encoder = new TextEncoder();

/**
 * JSON of an object in the version it is asked for. What is asked for as it is stored goes out as the very bytes of the store, however
 * many gets, lists and watches want it.
 */
export function servedBytes(object: KubeObject, apiVersion: string): Uint8Array {
  const stored = object.apiVersion === apiVersion ? storedBytes(object) : undefined;
  return stored ?? encoder.encode(JSON.stringify(servedForm(object, apiVersion)));
}
