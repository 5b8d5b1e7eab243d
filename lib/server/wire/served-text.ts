import type { KubeObject } from '../../schema/object.ts';
import { servedForm } from '../../schema/served-form.ts';

/**
 * JSON of an object in the version it is asked for. Objects are shared and never change, so each is written once while it
 * lives, however many watchers and lists want it.
 */
const texts = new WeakMap<KubeObject, string>();

export function servedText(object: KubeObject, apiVersion: string): string {
  if (object.apiVersion !== apiVersion) return JSON.stringify(servedForm(object, apiVersion));
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
