import type { Source } from "../api/source";
import type { Info } from "../api/types";
import { OpenCertificateButton } from "../pages/drop";
import { baseName } from "./format";
import type { Theme } from "./theme";

interface Props {
  source: Source; info: Info | null; home: string; theme: Theme;
  onTheme: () => void; onHelp: () => void; onSkip: () => void; onOpened: (id: string) => void;
}

export function Topbar({ source, info, home, theme, onTheme, onHelp, onSkip, onOpened }: Props) {
  return (
    <header class="topbar">
      <a class="skip" href={location.hash} onClick={(event) => { event.preventDefault(); onSkip(); }}>Skip to the content</a>
      <a class="brand" href={home}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
          <path d="M3 8H7M7 8V3.5H11M7 8V12.5H11" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
          <circle cx="2.8" cy="8" r="1.9" fill="currentColor" />
          <circle cx="12.6" cy="3.5" r="1.9" fill="currentColor" />
          <circle cx="12.6" cy="12.5" r="1.9" fill="currentColor" />
        </svg>
        Lemmata
      </a>
      {!source.exported && <nav aria-label="Pages"><a href="#/">Runs</a></nav>}
      <span class="push" />
      {info?.store && <span class="muted store" title={`${info.store}, Lemmata ${info.version}`}>{baseName(info.store)}</span>}
      {source.exported && info && <span class="muted store">exported{info.version && ` by Lemmata ${info.version}`}</span>}
      {!source.exported && <OpenCertificateButton source={source} onOpened={onOpened} />}
      <button type="button" onClick={onTheme} title="Theme (key t)" aria-label={`Theme: ${theme}. Change it`}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
          <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />
          {theme !== "light" && <path d={theme === "dark" ? "M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2" : "M8 2A6 6 0 0 1 8 14Z"} fill="currentColor" />}
        </svg>
        <span class="theme-name">{theme}</span>
      </button>
      <button type="button" onClick={onHelp} title="Keys (key ?)" aria-label="Help: keys">?</button>
    </header>
  );
}
