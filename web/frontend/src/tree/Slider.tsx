import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SearchModel } from "../model/search";

const SPEEDS = [0.5, 1, 2, 5, 10, 50];

export interface Player { play(): void; step(by: number): void }

interface Props { model: SearchModel; live: boolean; version: number; player: { current: Player | null } }

/** Moves through the time of a search: by hand, or playing it again. */
export function Slider({ model, live, version, player }: Props): JSX.Element | null {
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const time = useRef(0);
  const length = model.length;
  const position = model.position ?? length;
  const whole = model.timeOf(length);

  useEffect(() => {
    if (!playing) return;
    time.current = model.timeOf(position);
    let last = performance.now();
    let frame = requestAnimationFrame(function tick(now) {
      time.current += ((now - last) / 1000) * speed;
      last = now;
      const next = positionAt(model, time.current);
      if (next >= model.length && time.current >= model.timeOf(model.length)) {
        setPlaying(false);
        model.showAt(live ? null : model.length);
        return;
      }
      if (next !== model.position) model.showAt(next);
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, model]);

  const seek = (next: number) => {
    setPlaying(false);
    model.showAt(next >= model.length && !live ? null : next);
  };
  const play = () => {
    if (!playing && position >= length) model.showAt(0);
    setPlaying(!playing);
  };
  player.current = { play, step: (by) => seek(Math.max(0, Math.min(length, position + by))) };
  const marks = useMemo(() => proofMarks(model), [model, whole, Math.floor(version / 20)]);
  // A certificate tells no times: there is nothing to move through.
  if (length === 0 || (whole === 0 && !live)) return null;
  const following = model.position === null;
  return (
    <div class="tree-slider" role="group" aria-label="Time of the search">
      <button type="button" onClick={play} aria-label={playing ? "Pause" : "Play the search again"}>{playing ? "❚❚" : "▶"}</button>
      <div class="tree-track">
        <input
          type="range" min="0" max={Math.max(whole, 0.001)} step={Math.max(whole / 20000, 0.0001)} value={model.timeOf(position)}
          aria-label="Moment of the search" aria-valuetext={`${seconds(model.timeOf(position))}, record ${position} of ${length}`}
          onInput={(event) => seek(positionAt(model, event.currentTarget.valueAsNumber + 1e-4))}
          onKeyDown={(event) => {
            if (event.key === "p" || event.key === "P") play();
          }}
        />
        {marks.map((mark) => <i key={mark} style={{ left: `${(100 * mark).toFixed(2)}%` }} aria-hidden="true" />)}
      </div>
      <output>{`${seconds(model.timeOf(position))} / ${seconds(whole)}`}</output>
      <span class="tree-muted">{`record ${position.toLocaleString("en")} of ${length.toLocaleString("en")}`}</span>
      <label>
        <span class="tree-hidden">Speed</span>
        <select value={String(speed)} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
          {SPEEDS.map((value) => <option key={value} value={String(value)}>{`${value}×`}</option>)}
        </select>
      </label>
      <button type="button" class={following ? "is-on" : ""} aria-pressed={following} onClick={() => { setPlaying(false); model.showAt(null); }}>
        {live ? "Live" : "End"}
      </button>
    </div>
  );
}

/** How many records there were at a time, in seconds since the first. */
export function positionAt(model: SearchModel, time: number): number {
  let low = 0;
  let high = model.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (model.timeOf(middle) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where on the track something was proved, as parts of the whole, at most one mark for each of 200 places. */
function proofMarks(model: SearchModel): number[] {
  const whole = model.timeOf(model.length);
  const places = new Set<number>();
  for (let index = 0; whole > 0 && index < model.length; index++) {
    const record = model.record(index);
    if (record?.kind === "status" && record.status === "proved") places.add(Math.round((200 * model.timeOf(index + 1)) / whole) / 200);
  }
  return [...places];
}

const seconds = (value: number): string => (value < 100 ? `${value.toFixed(value < 10 ? 2 : 1)} s` : `${Math.round(value)} s`);
