/** Numbers and times as a person reads them. */

export function count(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en-US") : "–";
}

/** "1 goal", "2 goals". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A stretch of time, given in seconds. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 0.0005) return "0 ms";
  if (seconds < 0.9995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.95 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return both(Math.floor(whole / 60), "min", whole % 60, "s");
  return both(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
}

function both(large: number, unit: string, small: number, part: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${part}`;
}

/** Milliseconds for the columns of a table. */
export function milliseconds(seconds: number): string {
  const value = seconds * 1000;
  return Number.isFinite(value) ? (value < 10 ? value.toFixed(1) : count(value)) : "–";
}

/** A moment, given in seconds since the epoch: the shorter the nearer. */
export function moment(at: number, now = Date.now() / 1000): string {
  const date = new Date(at * 1000);
  if (Number.isNaN(date.getTime())) return "–";
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const today = new Date(now * 1000);
  if (date.toDateString() === today.toDateString()) return `today ${time}`;
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return date.getFullYear() === today.getFullYear() ? `${day} ${time}` : `${day} ${date.getFullYear()} ${time}`;
}

/** A moment in full, for a tooltip. */
export function stamp(at: number): string {
  const date = new Date(at * 1000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

/** Probability of a natural log-probability, in per cent. */
export function probability(score: number): string {
  const percent = 100 * Math.exp(score);
  if (!Number.isFinite(percent)) return "–";
  if (percent >= 99.95) return "100 %";
  if (percent >= 0.1) return `${percent.toFixed(1)} %`;
  return percent === 0 ? "0 %" : `${percent.toExponential(1)} %`;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.split(/[/\\]/).filter((part) => part !== "").pop() ?? path;
}

/** A JSON value in a cell of a table. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value) ?? String(value);
}
