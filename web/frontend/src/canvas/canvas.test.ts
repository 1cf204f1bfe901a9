import { describe, expect, it } from "vitest";
import { tidy } from "../layout/tidy";
import { goal, number, search, status, step } from "../model/fake";
import { NO_FILTER } from "../model/filter";
import { outline } from "../model/outline";
import { SearchModel } from "../model/search";
import { command } from "../tree/keys";
import { Facts, type Frame } from "./frame";
import { hit } from "./hit";
import { cut, scoreText, secondsText } from "./label";
import { BOX_HEIGHT, BOX_WIDTH, COLUMN } from "./measures";
import { palette } from "./palette";
import { Scene } from "./scene";
import { escape, rowsOf, svg } from "./svg";
import { Viewport } from "./viewport";
import { levels, visible } from "./window";

function frame(records: Parameters<SearchModel["apply"]>[0], winning: number[] = []): Frame {
  const model = new SearchModel();
  model.apply(records);
  const rows = outline(model, { mode: "all", toggled: new Map(), winning: new Set(winning), filter: NO_FILTER, hide: false });
  const scene = new Scene(rows, tidy(rows.parent));
  const view = new Viewport();
  view.width = 900;
  view.height = 600;
  return {
    scene, view, facts: new Facts(scene, model), palette: palette(() => ""), selected: -1, hovered: -1, current: -1, found: new Set(),
  };
}

describe("what is on screen", () => {
  it("is found by binary search as by looking at every row", () => {
    const { scene, view } = frame(search(2000, 4));
    for (const [zoom, left, top] of [[1, 0, 0], [0.7, -900, -4000], [0.1, 30, -200], [0.01, 0, 10], [2, -700, 300]] as const) {
      Object.assign(view, { zoom, left, top });
      const found = new Set<number>();
      const [first, last] = levels({ scene, view });
      for (let level = first; level <= last; level++) {
        const [from, to] = visible({ scene, view }, level);
        for (let at = from; at < to; at++) found.add((scene.columns[level] as Int32Array)[at] as number);
      }
      for (let row = 0; row < scene.size; row++) {
        const x = view.x(scene.x(row));
        const y = view.y(scene.y[row] as number);
        const half = (BOX_HEIGHT / 2) * zoom;
        if (x + BOX_WIDTH * view.across() >= 0 && x <= 900 && y + half >= 0 && y - half <= 600) expect(found.has(row)).toBe(true);
      }
      expect(found.size).toBeLessThanOrEqual(scene.size);
    }
  });

  it("is hit where it is drawn", () => {
    const { scene, view } = frame(search(400, 2));
    for (const zoom of [1, 0.6, 0.3]) {
      view.zoom = zoom;
      for (let row = 0; row < scene.size; row += 7) {
        const x = view.x(scene.x(row) + 20);
        const y = view.y(scene.y[row] as number);
        expect(hit(scene, view, x, y)?.row).toBe(row);
      }
    }
    view.zoom = 1;
    expect(hit(scene, view, view.x(BOX_WIDTH + 45), view.y(0))).toBeNull();
    expect(hit(scene, view, view.x(BOX_WIDTH + 5), view.y(0))).toEqual({ row: 0, toggle: true });
    expect(hit(scene, view, view.x(10), view.y(-60))).toBeNull();
  });
});

describe("the view", () => {
  it("keeps the world in place under the pointer, whatever the zoom", () => {
    const view = new Viewport();
    Object.assign(view, { width: 1000, height: 700, left: 12, top: -340 });
    view.suit({ left: 0, right: 5000, top: 0, bottom: 900_000 });
    const [x, y] = [view.worldX(300), view.worldY(200)];
    for (const zoom of [0.5, 0.01, 3, 0.2]) {
      view.zoomAt(zoom, 300, 200);
      expect(view.worldX(300)).toBeCloseTo(x, 4);
      expect(view.worldY(200)).toBeCloseTo(y, 2);
    }
  });

  it("shows all of a tree that is wide, tall or small", () => {
    for (const [right, bottom] of [[20_000, 300], [3000, 1_500_000], [600, 200]] as const) {
      const view = new Viewport();
      Object.assign(view, { width: 1000, height: 700 });
      view.fit({ left: 0, right, top: 0, bottom });
      expect(view.x(0)).toBeGreaterThanOrEqual(0);
      expect(view.x(right)).toBeLessThanOrEqual(1000);
      expect(view.y(0)).toBeGreaterThanOrEqual(0);
      expect(view.y(bottom)).toBeLessThanOrEqual(700);
    }
  });

  it("gives a tall tree more width than a uniform scale would", () => {
    const view = new Viewport();
    Object.assign(view, { width: 1000, height: 700 });
    view.fit({ left: 0, right: 8 * COLUMN, top: 0, bottom: 1_500_000 });
    expect(view.x(8 * COLUMN) - view.x(0)).toBeGreaterThan(500);
  });
});

describe("the SVG", () => {
  it("escapes what the text of a goal or a step may hold", () => {
    const made = frame(number([goal(0, null, 0, '<script>"&\'\u0000\ud800'), step(1, 0), status(1, "proved"), status(0, "proved")]), [0, 1]);
    const text = svg(made, rowsOf(made), "a <b> & c");
    expect(text).not.toMatch(/<script|<b>|\u0000|\ud800/);
    expect(text).toContain("&#60;script&#62;");
    expect(text.match(/<g /g)).toHaveLength(2);
    for (const name of ["svg", "g", "text", "title", "defs", "marker", "tspan"]) {
      const opened = text.match(new RegExp(`<${name}[ >]`, "g"))?.length ?? 0;
      expect(text.match(new RegExp(`</${name}>`, "g"))?.length ?? 0).toBe(opened);
    }
  });

  it("keeps whole characters outside the basic plane", () => {
    expect(escape("𝔸→∀")).toBe("𝔸→∀");
  });

  it("shows what is on screen where there is too much", () => {
    const made = frame(search(9000, 1));
    const rows = rowsOf(made);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(500);
  });
});

describe("labels", () => {
  it("are cut to a width and tell numbers shortly", () => {
    expect(cut("abcdef", 4)).toBe("abc…");
    expect([scoreText(-1.234), scoreText(0)]).toEqual(["−1.23", "0.00"]);
    expect([secondsText(0.0012), secondsText(0.25), secondsText(3), secondsText(240)]).toEqual(["1.2 ms", "250 ms", "3.0 s", "240 s"]);
  });
});

describe("keys", () => {
  const made = frame(search(60, 3));
  const press = (key: string, row: number) => command({ key, ctrlKey: false, metaKey: false, altKey: false }, made.scene, row, [0, 1, 2]);

  it("walk the tree", () => {
    expect(press("ArrowDown", -1)).toEqual({ kind: "go", row: 0 });
    expect(press("ArrowRight", 0)).toEqual({ kind: "go", row: made.scene.firstChild[0] });
    expect(press("ArrowLeft", made.scene.firstChild[0] as number)).toEqual({ kind: "go", row: 0 });
    expect(press("ArrowUp", 0)).toBeNull();
    expect([press("w", 0), press("w", 2)]).toEqual([{ kind: "go", row: 1 }, { kind: "go", row: 0 }]);
    expect(press("Enter", 0)).toEqual({ kind: "toggle", row: 0 });
  });

  it("leave the browser its own", () => {
    expect(command({ key: "f", ctrlKey: true, metaKey: false, altKey: false }, made.scene, 0, [])).toBeNull();
    expect(press("Tab", 0)).toBeNull();
  });
});
