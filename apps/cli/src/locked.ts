import { lockRun } from "@twinview/checkpoint";
import { unwrap } from "@twinview/config";

/** Works in a folder that no other command works in meanwhile. Throws a user error where one does. */
export const locked = async <A>(folder: string, work: () => Promise<A>): Promise<A> => {
  const lock = await unwrap(lockRun(folder));
  try {
    return await work();
  } finally {
    await lock.release();
  }
};
