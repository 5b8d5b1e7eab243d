import { secondMs } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import { NONE } from './cell-text.ts';
import { AGE, type Column, type ColumnsByKind, CREATED_AT, NAME, text, wide } from './column.ts';
import { humanDuration } from './human-duration.ts';
import { itemsAt, memberAt, textAt } from './member-at.ts';

function subjects(name: string, kind: 'User' | 'Group' | 'ServiceAccount'): Column {
  return wide(
    text(name, (binding) =>
      itemsAt(binding, 'subjects')
        .filter((subject) => subject.kind === kind)
        .map(
          (subject) =>
            `${kind === 'ServiceAccount' ? `${textAt(subject, 'namespace')}/` : ''}${textAt(subject, 'name')}`,
        )
        .join(', '),
    ),
  );
}

const binding: readonly Column[] = [
  NAME,
  text('Role', (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`),
  AGE,
  subjects('Users', 'User'),
  subjects('Groups', 'Group'),
  subjects('ServiceAccounts', 'ServiceAccount'),
];

function requestCondition(request: JsonObject): string {
  const types = itemsAt(request, 'status', 'conditions').map(({ type }) => type);
  const decided = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending';
  const failed = types.includes('Failed') ? ',Failed' : '';
  return `${decided}${failed}${textAt(request, 'status', 'certificate') === '' ? '' : ',Issued'}`;
}

export const accessColumns: ColumnsByKind = {
  'rbac.authorization.k8s.io/Role': [NAME, CREATED_AT],
  'rbac.authorization.k8s.io/ClusterRole': [NAME, CREATED_AT],
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
  'certificates.k8s.io/CertificateSigningRequest': [
    NAME,
    AGE,
    text('SignerName', (object) => textAt(object, 'spec', 'signerName')),
    text('Requestor', (object) => textAt(object, 'spec', 'username')),
    text('RequestedDuration', (object) => {
      const seconds = memberAt(object, 'spec', 'expirationSeconds');
      return typeof seconds === 'number' ? humanDuration(seconds * secondMs) : NONE;
    }),
    text('Condition', requestCondition),
  ],
};
