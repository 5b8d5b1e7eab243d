import { messageOf, UserError, WorldError } from '../base/errors.ts';

/** Everything the world does to a driver is a WorldError: a full disk, missing rights, a file that vanished. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const isSystem = thrown instanceof Error && 'syscall' in thrown;
    if (!isSystem || thrown instanceof WorldError || thrown instanceof UserError) throw thrown;
    throw new WorldError('DRIVER_FAILED', messageOf(thrown), {}, thrown);
  }
}
