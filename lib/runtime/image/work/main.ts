import { type Clock, systemClock } from '../../../base/clock.ts';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { timings } from '../../../base/limits.ts';
import { runProgram } from '../../../base/run-program.ts';
import { ImageError } from '../image-error.ts';
import type {
  FromWorker,
  ImageJob,
  JobStore,
  LayerClaim,
  StoreAnswer,
  StoreQuestion,
  ToWorker,
} from './image-job.ts';
import { importImages } from './import-images.ts';
import { pullImage } from './pull-image.ts';

/** The process that pulls or imports for the store: one job by message, then it ends. It ends with whoever started it, too. */
export function imageWorkMain(): void {
  const waiting = new Map<number, (answer: StoreAnswer) => void>();
  let serial = 0;
  const send = (message: FromWorker): void => void process.send?.(message);
  const ask = (question: StoreQuestion): Promise<StoreAnswer> =>
    new Promise((resolve) => {
      serial += 1;
      waiting.set(serial, resolve);
      send({ type: 'question', id: serial, question });
    });
  const store: JobStore = {
    which: async (chainIds) => new Set(havesOf(await ask({ ask: 'which', chainIds }))),
    claim: async (chainId) => claimOf(await ask({ ask: 'claim', chainId })),
    made: async (layer) => void (await ask({ ask: 'made', ...layer })),
    image: async (image) => void (await ask({ ask: 'image', image })),
    synced: async (chainIds) => void (await ask({ ask: 'synced', chainIds })),
  };
  process.on('disconnect', () => process.exit(1));
  // What comes is from the process that started this one, in its own form.
  process.on('message', (message: ToWorker) => {
    if (message.type === 'answer') {
      waiting.get(message.id)?.(message.answer);
      waiting.delete(message.id);
      return;
    }
    void work(message.job, store).then((result) =>
      process.send?.(result, undefined, undefined, () => process.exit(0)),
    );
  });
}

async function work(job: ImageJob, jobStore: JobStore): Promise<FromWorker> {
  const clock = systemClock();
  const made: string[] = [];
  const store: JobStore = {
    ...jobStore,
    async made(layer) {
      await jobStore.made(layer);
      made.push(layer.chainId);
    },
  };
  try {
    if (job.kind === 'pull') await pullImage(job, store, clock);
    else await importImages(job, store);
    if (made.length > 0 && (await isSynced(job.workDirectory, clock))) await store.synced(made);
    return { type: 'done' };
  } catch (thrown) {
    if (thrown instanceof ImageError)
      return { type: 'failed', code: thrown.imageCode, message: thrown.message };
    // A file system that fails under us is the disk's failure, whatever it was doing.
    const isSystem = thrown instanceof Error && 'syscall' in thrown;
    if (!isSystem) throw thrown;
    const full = codeOf(thrown) === 'ENOSPC';
    return {
      type: 'failed',
      code: 'IMAGE_DISK',
      message: full ? 'no space is left on the disk of images' : messageOf(thrown),
    };
  }
}

/** Containers may use the image already; only a machine that loses its power now loses it. */
async function isSynced(directory: string, clock: Clock): Promise<boolean> {
  try {
    const args = ['--file-system', directory];
    return (
      (await runProgram({ program: 'sync', args, timeoutMs: timings.imageSyncMs, clock })).exitCode === 0
    );
  } catch {
    // Where it cannot be known, the image is pulled again after the machine's next start.
    return false;
  }
}

const havesOf = (answer: StoreAnswer): readonly string[] =>
  answer !== null && 'have' in answer ? answer.have : [];

function claimOf(answer: StoreAnswer): LayerClaim {
  if (answer !== null && 'directory' in answer) return answer;
  throw new ImageError('IMAGE_DISK', 'the store of images gave no directory');
}

// In the bundle a module's URL is that of the chunk it is in.
if (import.meta.main && import.meta.url.endsWith('/work/main.ts')) imageWorkMain();
