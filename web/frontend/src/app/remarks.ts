import type { LogRecord } from "../api/types";

/** Something that the search or a prover said; equal ones in a row are counted. */
export interface Remark { at: number; level: string; who: string | null; node: number | null; text: string; times: number }

/** Gathers from records what is worth reading as text. */
export class Remarks {
  readonly list: Remark[] = [];
  private read = 0;
  private started: number | null = null;
  private attempts = 0;

  /** Take in the records that came since the last call; says whether there was anything to tell. */
  catchUp(length: number, record: (index: number) => LogRecord | undefined): boolean {
    const before = this.list.length;
    for (; this.read < length; this.read++) {
      const found = record(this.read);
      if (found) this.add(found);
    }
    return this.list.length > before;
  }

  private add(record: LogRecord): void {
    this.started ??= record.at;
    const at = Math.max(0, record.at - this.started);
    switch (record.kind) {
      case "start":
        this.attempts += 1;
        if (this.attempts > 1) this.push({ at, level: "info", who: null, node: null, text: `attempt ${this.attempts} began; nodes are numbered anew`, times: 1 });
        break;
      case "ask":
        if (record.message !== "") this.push({ at, level: "prover", who: record.prover, node: record.node, text: record.message, times: 1 });
        break;
      case "log":
        this.push({ at, level: record.level, who: null, node: null, text: record.message, times: 1 });
        break;
      default: break;
    }
  }

  private push(remark: Remark): void {
    const last = this.list.at(-1);
    if (last && last.text === remark.text && last.who === remark.who && last.level === remark.level) last.times += 1;
    else this.list.push(remark);
  }
}
