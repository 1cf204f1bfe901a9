import { render } from "preact";
import { EmbeddedSource, HttpSource, type Source } from "./api/source";
import type { Embedded } from "./api/types";
import { App } from "./app";
import { ErrorNote } from "./app/error";
import { applyTheme, savedTheme } from "./app/theme";
import "./style/tokens.css";
import "./style/tree.css";
import "./style/pages.css";
import "./style/view.css";
import "./style/panels.css";

/** An exported page carries its data; any other asks the server that served it. */
function findSource(): Source {
  const data = document.getElementById("lemmata-data");
  return data ? new EmbeddedSource(JSON.parse(data.textContent) as Embedded) : new HttpSource();
}

function start(root: HTMLElement): void {
  applyTheme(savedTheme());
  try {
    render(<App source={findSource()} />, root);
  } catch (error) {
    render(<ErrorNote error={error} />, root);
  }
}

const root = document.getElementById("app");
if (root) start(root);
