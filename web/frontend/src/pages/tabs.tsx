import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

export interface Tab { name: string; title: string; count?: number }

interface Props { tabs: readonly Tab[]; chosen: string; onChoose: (name: string) => void; label: string; children: ComponentChildren }

/** Tabs as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has them: arrow keys move, the chosen one is reached by Tab. */
export function Tabs({ tabs, chosen, onChoose, label, children }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const press = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.name === chosen);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    if (!tab) return;
    onChoose(tab.name);
    list.current?.querySelector<HTMLElement>(`#tab-${tab.name}`)?.focus();
  };
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} ref={list} onKeyDown={press}>
        {tabs.map((tab, index) => (
          <button
            key={tab.name} type="button" role="tab" id={`tab-${tab.name}`} aria-controls="tab-panel" aria-selected={tab.name === chosen}
            tabIndex={tab.name === chosen ? 0 : -1} title={`${tab.title} (key ${index + 1})`} onClick={() => onChoose(tab.name)}
          >
            {tab.title}{tab.count !== undefined && <span class="tab-count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${chosen}`} tabIndex={0}>{children}</div>
    </div>
  );
}
