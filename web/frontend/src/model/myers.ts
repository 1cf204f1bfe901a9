/**
 * Shortest edit scripts over sequences of numbers.
 *
 * E. W. Myers, "An O(ND) difference algorithm and its variations", Algorithmica 1 (1986). A script that would cost too
 * much is not looked for: the sequences are cut at elements that occur once in both (B. Cohen's "patience" order), and
 * what still costs too much counts as replaced. So the time is bounded whatever the input.
 */

export type Kind = "same" | "added" | "removed";
/** A run of elements: `removed` ones are of the old sequence, `added` ones of the new one. */
export type Emit = (kind: Kind, from: number, to: number) => void;

/** Most edits that one search may need; its memory is the square of this. */
const MOST_EDITS = 600;
/** Elements looked at by all searches of one comparison together. */
const WORK = 1_500_000;

interface Range {
  a: number;
  aEnd: number;
  b: number;
  bEnd: number;
}

/** Calls `emit` in order; `same` runs are told by their place in the old sequence. */
export function compare(a: Int32Array, b: Int32Array, emit: Emit): void {
  const budget = { left: WORK };
  section({ a: 0, aEnd: a.length, b: 0, bEnd: b.length }, a, b, budget, emit, true);
}

function section(range: Range, a: Int32Array, b: Int32Array, budget: { left: number }, emit: Emit, cut: boolean): void {
  const { a: first } = range;
  let { a: i, aEnd, b: j, bEnd } = range;
  while (i < aEnd && j < bEnd && a[i] === b[j]) i++, j++;
  if (i > first) emit("same", first, i);
  let tail = 0;
  while (i < aEnd && j < bEnd && a[aEnd - 1] === b[bEnd - 1]) aEnd--, bEnd--, tail++;
  middle({ a: i, aEnd, b: j, bEnd }, a, b, budget, emit, cut);
  if (tail > 0) emit("same", aEnd, aEnd + tail);
}

function middle(range: Range, a: Int32Array, b: Int32Array, budget: { left: number }, emit: Emit, cut: boolean): void {
  const { a: i, aEnd, b: j, bEnd } = range;
  if (i < aEnd && j < bEnd) {
    if (shortest(range, a, b, budget, emit)) return;
    if (cut) {
      const pairs = anchors(range, a, b);
      if (pairs.length > 0) {
        let from = i;
        let other = j;
        for (const [x, y] of pairs) {
          section({ a: from, aEnd: x, b: other, bEnd: y }, a, b, budget, emit, false);
          emit("same", x, x + 1);
          from = x + 1;
          other = y + 1;
        }
        section({ a: from, aEnd, b: other, bEnd }, a, b, budget, emit, false);
        return;
      }
    }
  }
  if (i < aEnd) emit("removed", i, aEnd);
  if (j < bEnd) emit("added", j, bEnd);
}

/** Myers' greedy search; false where it would cost too much. */
function shortest({ a: a0, aEnd, b: b0, bEnd }: Range, a: Int32Array, b: Int32Array, budget: { left: number }, emit: Emit): boolean {
  const n = aEnd - a0;
  const m = bEnd - b0;
  const most = Math.min(n + m, MOST_EDITS);
  if (Math.abs(n - m) > most) return false;
  const offset = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(reach.slice(offset - d - 1, offset + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[offset + k - 1]! < reach[offset + k + 1]!);
      let x = down ? reach[offset + k + 1]! : reach[offset + k - 1]! + 1;
      let y = x - k;
      const from = x;
      while (x < n && y < m && a[a0 + x] === b[b0 + y]) x++, y++;
      reach[offset + k] = x;
      budget.left -= x - from + 1;
      if (x >= n && y >= m) {
        tell(trace, d, n, m, a0, b0, emit);
        return true;
      }
    }
    if (budget.left <= 0) return false;
  }
  return false;
}

/** Walks the search back from its end, then tells the script forwards. */
function tell(trace: readonly Int32Array[], edits: number, n: number, m: number, a0: number, b0: number, emit: Emit): void {
  const script: [Kind, number, number][] = [];
  let x = n;
  let y = m;
  for (let d = edits; d >= 0; d--) {
    const reach = trace[d]!;
    const at = (k: number) => reach[k + d + 1] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const before = down ? k + 1 : k - 1;
    const px = d === 0 ? 0 : at(before);
    const py = d === 0 ? 0 : px - before;
    const mid = d === 0 ? 0 : down ? px : px + 1;
    if (x > mid) script.push(["same", a0 + mid, a0 + x]);
    if (d > 0) script.push(down ? ["added", b0 + py, b0 + py + 1] : ["removed", a0 + px, a0 + px + 1]);
    x = px;
    y = py;
  }
  for (const [kind, from, to] of script.reverse()) emit(kind, from, to);
}

/** Pairs of places of elements that occur once on both sides, in an order that both sides share. */
function anchors({ a: a0, aEnd, b: b0, bEnd }: Range, a: Int32Array, b: Int32Array): [number, number][] {
  const seenA = once(a, a0, aEnd);
  const seenB = once(b, b0, bEnd);
  const pairs: [number, number][] = [];
  for (const [value, place] of seenA) {
    const other = seenB.get(value);
    if (place >= 0 && other !== undefined && other >= 0) pairs.push([place, other]);
  }
  return rising(pairs.sort((p, q) => p[0] - q[0]));
}

/** Place of each element, -1 for those that occur several times. */
function once(s: Int32Array, from: number, to: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = from; i < to; i++) found.set(s[i]!, found.has(s[i]!) ? -1 : i);
  return found;
}

/** The longest run of pairs, not necessarily neighbours, whose second numbers rise. */
function rising(pairs: [number, number][]): [number, number][] {
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, value], i) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const half = (low + high) >> 1;
      if (pairs[ends[half]!]![1] < value) low = half + 1;
      else high = half;
    }
    if (low > 0) before[i] = ends[low - 1]!;
    ends[low] = i;
  });
  const found: [number, number][] = [];
  for (let i = ends[ends.length - 1] ?? -1; i >= 0; i = before[i]!) found.push(pairs[i]!);
  return found.reverse();
}
