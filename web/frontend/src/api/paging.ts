import type { LogRecord } from "./types";
import type { Source } from "./source";

/** The first page is small, so that something can be seen early. */
export const FIRST_PAGE = 2000;
export const PAGE = 5000;

/**
 * Read a whole log in pages and hand each over as it comes.
 *
 * Returns the number behind which the log goes on; stops early, without an error, where `stopped` says so.
 */
export async function readLog(
  source: Pick<Source, "log">, id: string, after: number, take: (records: LogRecord[]) => void, stopped: () => boolean,
): Promise<number> {
  let limit = FIRST_PAGE;
  let last = after;
  while (!stopped()) {
    const page = await source.log(id, last, limit);
    if (stopped()) break;
    if (page.records.length > 0) take(page.records);
    // A page that does not move on would be asked for without end.
    const moved = page.next > last;
    last = Math.max(last, page.next);
    if (!page.more || !moved) break;
    limit = PAGE;
  }
  return last;
}
