import { Component, type ComponentChildren } from "preact";
import { SourceError } from "../api/source";

/** What went wrong and what to do, in the words of whoever knows. */
export function explain(error: unknown): { message: string; hint: string | null } {
  if (error instanceof SourceError) return { message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { message: `This page has a fault: ${message}`, hint: "Reload the page; if it happens again, please report it." };
}

/** A sentence in which commands stand between backquotes. */
export function Prose({ text }: { text: string }) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}

export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { message, hint } = explain(error);
  return (
    <div class="note bad" role="alert">
      <p class="note-head"><Prose text={message} /></p>
      {hint !== null && <p><Prose text={hint} /></p>}
      {retry && <button type="button" onClick={retry}>Try again</button>}
    </div>
  );
}

interface Props { name: string; children: ComponentChildren }

/** Keeps a fault in one part of the page from blanking the others; `name` changes when another thing is shown. */
export class Boundary extends Component<Props, { error: unknown; name: string }> {
  override state = { error: null as unknown, name: this.props.name };

  static override getDerivedStateFromProps(props: Props, state: { error: unknown; name: string }) {
    return props.name === state.name ? null : { error: null, name: props.name };
  }

  static override getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error("unknown fault") };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <ErrorNote error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
