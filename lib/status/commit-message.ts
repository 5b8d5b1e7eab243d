import { commitMessage } from '../git/commit-message.ts';
import { refText } from '../schema/object.ts';
import type { ObjectStatus, StatusReport } from './report.ts';

export const statusTrailers = {
  revision: 'Pintle-Revision',
  sync: 'Pintle-Sync',
  health: 'Pintle-Health',
  /** Who writes the branch: another instance's is refused. */
  instance: 'Pintle-Instance',
  /** Digest of all transitions: an equal one means there is nothing to commit. */
  digest: 'Pintle-Digest',
} as const;

const NAMED_MAX = 5;

/** The message of a status commit: what it comes to and what changed, then the trailers that machines read. */
export function statusCommitMessage(options: {
  readonly report: StatusReport;
  /** Objects whose state changed since the last status commit. */
  readonly changed: readonly ObjectStatus[];
  readonly instance: string;
  readonly digest: string;
}): string {
  const { report, changed } = options;
  const lines = changed.slice(0, NAMED_MAX).map(({ ref, health, sync }) => {
    const reason = health.reason === '' ? '' : ` (${health.reason})`;
    return `${refText(ref)} is ${health.state}${reason}${sync === 'Synced' ? '' : `, ${sync}`}`;
  });
  if (changed.length > NAMED_MAX) lines.push(`and ${changed.length - NAMED_MAX} more`);
  return commitMessage({
    subject: `${report.health}: ${report.counts.Healthy} of ${report.objects.length}`,
    body: lines.join('\n'),
    trailers: [
      { key: statusTrailers.revision, value: report.revision ?? 'none' },
      { key: statusTrailers.sync, value: report.sync },
      { key: statusTrailers.health, value: report.health },
      { key: statusTrailers.instance, value: options.instance },
      { key: statusTrailers.digest, value: options.digest },
    ],
  });
}
