import {
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPathSegment,
  type NameCheck,
} from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { Rule, Sound } from '../rule.ts';
import { invalidValue } from '../wording.ts';
import { checkFinalizers } from './finalizers.ts';
import { checkText } from './name-text.ts';

/** Kinds whose names are not any DNS subdomain. By `group/Kind`. Source: the validation of each. */
const NAME_CHECKS: ReadonlyMap<string, NameCheck> = new Map([
  ['/Namespace', checkDns1123Label],
  ['/Service', checkDns1035Label],
  ['rbac.authorization.k8s.io/Role', checkPathSegment],
  ['rbac.authorization.k8s.io/RoleBinding', checkPathSegment],
  ['rbac.authorization.k8s.io/ClusterRole', checkPathSegment],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', checkPathSegment],
]);

/** A CronJob's Jobs add eleven characters to its name, and theirs is a label. */
const CRONJOB_NAME_CHARS_MAX = 52;

export const objectName: Rule = {
  on: '*',
  check({ metadata }: Sound<KubeObject>, at) {
    const { kind } = at;
    const check = NAME_CHECKS.get(`${kind.group}/${kind.kind}`) ?? checkDns1123Subdomain;
    checkText(at, metadata?.name, { path: ['metadata', 'name'], check });
    const prefix = metadata?.generateName;
    // What is made of it goes on with letters, so that it may end in a dash.
    checkText(at, prefix?.replace(/-$/, ''), { path: ['metadata', 'generateName'], check });
    if (kind.kind === 'CronJob' && (metadata?.name?.length ?? 0) > CRONJOB_NAME_CHARS_MAX)
      at.error(
        'invalid-name',
        ['metadata', 'name'],
        `must be no more than ${CRONJOB_NAME_CHARS_MAX} characters`,
        {
          wording: invalidValue(metadata?.name, `must be no more than ${CRONJOB_NAME_CHARS_MAX} characters`),
        },
      );
    const namespace = metadata?.namespace;
    checkText(at, namespace, { path: ['metadata', 'namespace'], check: checkDns1123Label });
    if (!kind.namespaced && namespace !== undefined && namespace !== '')
      at.warning(
        'wrong-scope',
        ['metadata', 'namespace'],
        `is ignored: a ${kind.kind} stands in no namespace`,
      );
    checkFinalizers(at, metadata?.finalizers ?? [], ['metadata', 'finalizers']);
  },
};
