import { isApiError } from '../../api/api-error.ts';
import type { NodeAgents, PodUsage } from '../../api/node-agent.ts';
import type { EpochMs } from '../../base/clock.ts';
import { WorldError } from '../../base/errors.ts';
import { timings } from '../../base/limits.ts';

/** What all pods of all nodes use. */
export type UsageReader = (now: EpochMs) => Promise<readonly PodUsage[]>;

/** Asks every node; one answer serves all who ask within a second. A node that cannot answer leaves its pods unknown. */
export function usageReader(nodes: NodeAgents): UsageReader {
  let last: { readonly atMs: EpochMs; readonly usages: Promise<readonly PodUsage[]> } | null = null;
  return (now) => {
    if (last === null || Math.abs(now - last.atMs) >= timings.autoscalerUsageAgeMs)
      last = { atMs: now, usages: readAll(nodes) };
    return last.usages;
  };
}

async function readAll(nodes: NodeAgents): Promise<readonly PodUsage[]> {
  const answers = await Promise.all(nodes.all().map((node) => node.stats().catch(noneWhenDown)));
  return answers.flat();
}

function noneWhenDown(failure: unknown): readonly PodUsage[] {
  if (failure instanceof WorldError || isApiError(failure)) return [];
  throw failure;
}
