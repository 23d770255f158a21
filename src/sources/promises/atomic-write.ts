import { constants, mkdir, rename, unlink, writeFile } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

// Callbacks of `node:fs` cost half of what its promises do, and every run of a promise comes through here.
const files = {
  mkdir: promisify(mkdir),
  rename: promisify(rename),
  unlink: promisify(unlink),
  writeFile: promisify(writeFile),
};

/** Never through a link that somebody put there. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/**
 * Replaces a file at once: a reader sees the old text or the new one, never a part. Makes its folder if need be.
 *
 * The temporary file stands in the same folder, hidden, and is the same each time, so that a crash leaves no more than one behind. It is
 * not synced: what was written can be lost with the machine's power, and is then written again within a minute. The truth is in the
 * journal, and a sync for each of a thousand runs a minute would be most of their cost.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`.slice(-255));
  const write = async () => {
    await files.writeFile(temporary, text, { flag: FLAGS as unknown as string, mode: 0o644 });
    await files.rename(temporary, path);
  };
  try {
    await write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      await files.unlink(temporary).catch(() => {});
      throw error;
    }
    await files.mkdir(dirname(path), { recursive: true });
    await write();
  }
}
