import type { Status } from "../model/search";

/** One sign per status, as SVG paths around (0, 0) in a square of 12, to be stroked. */
export const GLYPH: Record<Status, string> = {
  open: "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0",
  proved: "M-4.2.2L-1.2 3.4L4.4-3.6",
  failed: "M-3.6-3.6L3.6 3.6M3.6-3.6L-3.6 3.6",
  irrelevant: "M-4 0L4 0",
  rejected: "M4.4 0A4.4 4.4 0 1 1-4.4 0A4.4 4.4 0 1 1 4.4 0M-3.1-3.1L3.1 3.1",
  "timed-out": "M4.4 0A4.4 4.4 0 1 1-4.4 0A4.4 4.4 0 1 1 4.4 0M0-2.8L0 0L2.2 1.4",
  crashed: "M1.4-5.2L-3 .8L0 .8L-1.4 5.2L3-.8L0-.8Z",
  "pruned-cycle": "M3.5-2A4 4 0 1 0 4 1.2M4.4-5L3.8-1.8L.6-2.2",
};

const paths = new Map<Status, Path2D>();

export function glyphPath(status: Status): Path2D {
  let path = paths.get(status);
  if (!path) paths.set(status, (path = new Path2D(GLYPH[status])));
  return path;
}
