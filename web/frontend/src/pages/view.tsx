import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Source } from "../api/source";
import type { Replay, View } from "../api/types";
import { announce } from "../app/announce";
import { Boundary, ErrorNote } from "../app/error";
import { replaceHash } from "../app/location";
import { useNode } from "../app/nodes";
import { Remarks } from "../app/remarks";
import { viewHash } from "../app/routes";
import { standing } from "../app/standing";
import { useModel, useSession } from "../app/use-session";
import { winning } from "../model/proof";
import type { SearchModel } from "../model/search";
import { ChecksPanel } from "../panels/checks";
import { CounterexamplePanel } from "../panels/counterexample";
import { GoalPanel } from "../panels/goal";
import { LogPanel } from "../panels/log";
import { ProofPanel } from "../panels/proof";
import { SourcePanel } from "../panels/source";
import { type TreeHandle, TreeView } from "../tree/TreeView";
import { Split } from "./splitter";
import { type Tab, Tabs } from "./tabs";
import { ViewHeader } from "./view-header";

interface Props {
  source: Source; id: string; node: number | null; tab: string | null;
  /** Hears which tabs there are, for the number keys. */
  onTabs: (choose: (index: number) => void) => void;
}

/** A search or a certificate: the tree, and a panel on what is selected in it. */
export function ViewPage(p: Props) {
  const session = useSession(p.source, p.id);
  const { view, error } = session.state;
  useEffect(() => {
    if (!view) return;
    document.title = `${view.name}${view.verdict ? ` ${view.verdict}` : ""} – Lemmata`;
  }, [view]);
  const before = useRef<View | null>(null);
  useEffect(() => {
    const old = before.current;
    before.current = view;
    if (old && view && old.id === view.id && old.verdict !== view.verdict && view.verdict) announce(`${view.name}: ${view.verdict}. ${view.reason ?? ""}`);
  }, [view]);

  const retry = (): void => void session.start();
  if (!view) {
    if (error === null) return <div class="page"><h1 class="offscreen">Search</h1><p class="empty" aria-busy="true">Reading {p.id}…</p></div>;
    return <div class="page"><h1 tabIndex={-1}>{p.id}</h1><ErrorNote error={error} retry={retry} />{!p.source.exported && <p><a href="#/">See all runs</a></p>}</div>;
  }
  return <Shown {...p} key={view.id} view={view} session={session} retry={retry} />;
}

type ShownProps = Props & { view: View; session: ReturnType<typeof useSession>; retry: () => void };

function Shown(p: ShownProps) {
  const { view, source, session } = p;
  const { model, state } = session;
  const version = useModel(model);
  const tree = useRef<TreeHandle | null>(null);
  const remarks = useMemo(() => new Remarks(), [model]);
  const [replayed, setReplayed] = useState<Replay | null>(null);
  remarks.catchUp(model.length, (index) => model.record(index));
  const path = useMemo(
    () => (model.position === null && view.winning ? view.winning : winning(model)),
    [model, version, view.winning],
  );
  const tabs = tabsOf(view, remarks.list.length);
  const wanted = p.tab ?? (p.node === null && view.counterexample ? "counterexample" : "goal");
  const chosen = tabs.some((tab) => tab.name === wanted) ? wanted : "goal";
  const number = p.node ?? model.root ?? null;

  const select = (node: number | null): void => replaceHash(viewHash(view.id, node, p.tab));
  const choose = (tab: string): void => replaceHash(viewHash(view.id, p.node, tab));
  /** From a panel: the tree moves there as well. */
  const go = (node: number): void => select(node);
  /** From a text: what is selected is read in the goal panel. */
  const open = (node: number): void => replaceHash(viewHash(view.id, node, "goal"));
  p.onTabs((index) => {
    const tab = tabs[index];
    if (tab) choose(tab.name);
  });

  const step = useSourceStep(source, view, model, chosen === "source" ? number : null, path);
  return (
    <div class="view">
      <ViewHeader view={view} state={state} model={model} source={source} stands={standing(view, source.exported, replayed)} retry={p.retry} />
      {state.error !== null && <ErrorNote error={state.error} retry={p.retry} />}
      <Split
        left={
          <Boundary name={`tree ${view.id}`}>
            <TreeView
              model={model} selected={p.node} onSelect={select} winning={path} label={`Search tree of ${view.name}`}
              search={(text) => source.search(view.id, text)} handle={(made) => { tree.current = made; }}
              slider={view.kind === "task" && model.meta.started > 0} live={state.following}
            />
          </Boundary>
        }
        right={
          <Tabs tabs={tabs} chosen={chosen} onChoose={choose} label="Details">
            <Boundary name={`${view.id} ${chosen} ${chosen === "goal" ? number : ""}`}>
              {chosen === "goal" && (
                <GoalPanel view={view} source={source} model={model} version={version} number={number} complete={state.complete} onSelect={go} />
              )}
              {chosen === "source" && <SourcePanel view={view} step={step} onSelect={go} />}
              {chosen === "proof" && <ProofPanel view={view} source={source} selected={p.node} onSelect={go} tree={() => tree.current} />}
              {chosen === "counterexample" && <CounterexamplePanel view={view} />}
              {chosen === "checks" && <ChecksPanel view={view} source={source} replayed={replayed} onReplayed={setReplayed} />}
              {chosen === "log" && <LogPanel view={view.id} remarks={remarks.list} timed={model.meta.started > 0} onSelect={open} />}
            </Boundary>
          </Tabs>
        }
      />
    </div>
  );
}

/** A tab that has nothing to show is not there. */
export function tabsOf(view: View, remarks: number): Tab[] {
  const tabs: Tab[] = [{ name: "goal", title: "Goal" }];
  if (view.obligation && view.obligation.source !== "") tabs.push({ name: "source", title: "Source" });
  if (view.proof) tabs.push({ name: "proof", title: "Proof" });
  if (view.counterexample) tabs.push({ name: "counterexample", title: "Counterexample" });
  if (view.certificate || (view.axioms && view.axioms.length > 0)) tabs.push({ name: "checks", title: "Checks" });
  if (remarks > 0) tabs.push({ name: "log", title: "Log", count: remarks });
  return tabs;
}

/** The step whose clauses the source shows: the selected one, else the one that won on the selected goal or on the root. */
export function sourceStep(model: SearchModel, number: number | null, path: readonly number[]): number | null {
  const info = number === null ? undefined : model.info(number);
  if (info?.kind === "step") return info.node;
  const won = info?.kind === "goal" ? info.steps.find((step) => path.includes(step)) : undefined;
  return won ?? path.find((node) => model.info(node)?.kind === "step") ?? null;
}

function useSourceStep(source: Source, view: View, model: SearchModel, number: number | null, path: readonly number[]) {
  const wanted = number === null ? null : sourceStep(model, number, path);
  const { node } = useNode(source, view.id, model.meta.started, wanted, 0);
  return node?.kind === "step" ? node : null;
}
