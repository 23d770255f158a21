import { constants } from "node:fs";
import { mkdir, rename, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Never through a link that somebody put there. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/**
 * Replaces a file at once: a reader sees the old text or the new one, never a part. Makes its folder if need be. For what changes now and
 * then; the temporary file, hidden beside it, has the same name each time, so that a crash leaves no more than one behind.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`.slice(-255));
  const write = async () => {
    await writeFile(temporary, text, { flag: FLAGS as unknown as string, mode: 0o644 });
    await rename(temporary, path);
  };
  try {
    await write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      await unlink(temporary).catch(() => {});
      throw error;
    }
    await mkdir(dirname(path), { recursive: true });
    await write();
  }
}
