import type { EntryPointName } from '../lib/base/entry-points.ts';
import { assertNever } from '../lib/base/errors.ts';

/** In the bundle: runs one of the parts that are processes or workers of their own. From source they run as files. */
export async function runPart(name: EntryPointName, args: readonly string[]): Promise<void> {
  switch (name) {
    case 'agent':
      await (await import('../lib/runtime/agent/main.ts')).agentMain(args);
      return;
    case 'proxy':
      await (await import('../lib/network/proxy/main.ts')).proxyMain(args);
      return;
    case 'image-work':
      (await import('../lib/runtime/image/work/main.ts')).imageWorkMain();
      return;
    case 'store-worker':
      await import('../lib/store/store-worker.ts');
      return;
    default:
      assertNever(name);
  }
}
