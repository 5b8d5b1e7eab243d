import { dump } from 'js-yaml';
import type { ObjectRef } from '../schema/object.ts';
import { pathPart } from './path-part.ts';
import { statusReadme } from './readme.ts';
import { redact } from './redact.ts';
import type { ObjectStatus, StatusReport } from './report.ts';
import { statusJson } from './status-json.ts';

/** Refs of inventory rows live through many reports. Goes with the ref. */
const paths = new WeakMap<ObjectRef, string>();

/** `objects/<namespace>/<kind>/<name>.yaml`; cluster-scoped kinds under `_cluster`. Another group than core is part of the kind. */
export function objectPath(ref: ObjectRef): string {
  let path = paths.get(ref);
  if (path === undefined) {
    path = pathOf(ref);
    paths.set(ref, path);
  }
  return path;
}

function pathOf(ref: ObjectRef): string {
  const kind = ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`;
  const namespace = ref.namespace === '' ? '_cluster' : pathPart(ref.namespace);
  return `objects/${namespace}/${pathPart(kind)}/${pathPart(ref.name)}.yaml`;
}

/** The live object with how it stands, as YAML. */
export function objectFile(status: ObjectStatus): string {
  const { sync, syncReason, syncDetail, health, path, commit } = status;
  const head = { sync, ...(syncReason === '' ? {} : { syncReason, syncDetail }), health, path, commit };
  const summary = dump(head, { lineWidth: 120, noRefs: true })
    .trimEnd()
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n');
  if (status.live === null) return `${summary}\n`;
  return `${summary}\n${dump(redact(status.live), { lineWidth: 120, noRefs: true })}`;
}

/** The two files of the whole source. */
export function sourceFiles(report: StatusReport): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', statusReadme(report)],
    ['status.json', `${JSON.stringify(statusJson(report), null, 2)}\n`],
  ]);
}
