import { useEffect, useRef, useState } from "preact/hooks";
import type { Source } from "./api/source";
import { Announcer } from "./app/announce";
import { Boundary, ErrorNote } from "./app/error";
import { HelpDialog } from "./app/help";
import { useKeys } from "./app/keys";
import { useLoad } from "./app/load";
import { navigate, replaceHash, useRoute } from "./app/location";
import { pageKey, type Route, viewHash } from "./app/routes";
import { useTheme } from "./app/theme";
import { Topbar } from "./app/topbar";
import { ComparePage } from "./pages/compare";
import { DropZone } from "./pages/drop";
import { RunPage } from "./pages/run";
import { RunsPage } from "./pages/runs";
import { ViewPage } from "./pages/view";

/** The whole viewer. */
export function App({ source }: { source: Source }) {
  const route = useRoute();
  const info = useLoad("info", () => source.info());
  const [theme, changeTheme] = useTheme();
  const [help, setHelp] = useState(false);
  const chooseTab = useRef<(index: number) => void>(() => undefined);
  const main = useRef<HTMLElement>(null);
  const home = source.exported ? info.value?.start ?? "#/" : "#/";

  useKeys((command) => {
    if (command.kind === "help") setHelp(true);
    else if (command.kind === "theme") changeTheme();
    else if (command.kind === "runs") navigate(home);
    else if (route.page === "view") chooseTab.current(command.index);
  });

  // Where the address says nothing the server knows what to begin with; an export holds one view only.
  const bare = location.hash === "" || (source.exported && route.page !== "view");
  const start = info.value?.start ?? null;
  useEffect(() => {
    if (bare && start !== null) replaceHash(start);
  }, [bare, start]);

  const key = pageKey(route);
  const last = useRef(key);
  useEffect(() => {
    if (last.current === key) return;
    last.current = key;
    // Keyboard and screen reader begin at the top of a new page, as they do where a document is loaded.
    main.current?.focus({ preventScroll: true });
    main.current?.scrollTo(0, 0);
  }, [key]);

  const waiting = bare && info.value === null;
  const open = (id: string): void => navigate(viewHash(id));
  return (
    <DropZone source={source} onOpened={open}>
      <div class="app">
        <Topbar source={source} info={info.value} home={home} theme={theme} onTheme={changeTheme} onHelp={() => setHelp(true)} onSkip={() => main.current?.focus()} onOpened={open} />
        <main id="main" ref={main} tabIndex={-1}>
          <Boundary name={key}>
            {waiting && info.error === null && <p class="empty" aria-busy="true">Looking for where to begin…</p>}
            {waiting && info.error !== null && <div class="page"><h1>Lemmata</h1><ErrorNote error={info.error} retry={info.reload} /></div>}
            {!waiting && !(bare && start !== null) && <Page route={route} source={source} home={home} onTabs={(choose) => { chooseTab.current = choose; }} />}
          </Boundary>
        </main>
        <Announcer />
        {help && <HelpDialog onClose={() => setHelp(false)} />}
      </div>
    </DropZone>
  );
}

interface PageProps { route: Route; source: Source; home: string; onTabs: (choose: (index: number) => void) => void }

function Page({ route, source, home, onTabs }: PageProps) {
  switch (route.page) {
    case "runs": return <RunsPage source={source} />;
    case "run": return <RunPage key={route.id} source={source} id={route.id} />;
    case "view": return <ViewPage key={route.id} source={source} id={route.id} node={route.node} tab={route.tab} onTabs={onTabs} />;
    case "compare": return <ComparePage key={`${route.a} ${route.b}`} source={source} a={route.a} b={route.b} navigate={navigate} />;
    case "unknown":
      return (
        <div class="page">
          <h1 tabIndex={-1}>There is no such page</h1>
          <p class="empty">The address <code>{route.hash.slice(0, 200)}</code> names nothing. <a href={home}>Go to the start</a>.</p>
        </div>
      );
  }
}
