import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Source } from "../api/source";
import { SourceError } from "../api/source";
import { ErrorNote } from "../app/error";

/** What the server takes at most. */
const MOST = 8 * 1024 * 1024;

interface Props {
  source: Source;
  onOpened: (id: string) => void;
}

/** Send a certificate's file to the server, which answers under which name it shows it. */
async function send(source: Source, file: File): Promise<string> {
  if (file.size > MOST) throw new SourceError(`${file.name} has ${(file.size / 1048576).toFixed(1)} MB.`, "A certificate has at most 8 MB.");
  let text: string;
  try {
    text = await file.text();
  } catch {
    throw new SourceError(`${file.name} cannot be read.`, "Drop the file itself, not a folder.");
  }
  return source.upload(text);
}

function useOpening({ source, onOpened }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = async (file: File): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      onOpened(await send(source, file));
    } catch (found) {
      setError(found ?? new Error("unknown fault"));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, open, dismiss: () => setError(null) };
}

function Refusal({ error, dismiss }: { error: unknown; dismiss: () => void }): JSX.Element {
  return (
    <div class="refusal">
      <p class="offscreen">The certificate was not opened.</p>
      <ErrorNote error={error} />
      <button type="button" class="small" onClick={dismiss}>Dismiss</button>
    </div>
  );
}

/** Takes certificates that are dropped anywhere on the page. */
export function DropZone(p: Props & { children?: ComponentChildren }): JSX.Element {
  const { busy, error, open, dismiss } = useOpening(p);
  const [over, setOver] = useState(false);
  const latest = useRef(open);
  latest.current = open;
  const off = p.source.exported;
  useEffect(() => {
    if (off) return undefined;
    const carries = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent): void => {
      if (!carries(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      setOver(true);
    };
    // The pointer leaves the window, not only an element in it, where it goes nowhere else.
    const leave = (event: DragEvent): void => { if (event.relatedTarget === null) setOver(false); };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (!carries(event)) return;
      // Else the browser would leave the page and show the file.
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void latest.current(file);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragover", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragover", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [off]);
  return (
    <>
      {p.children}
      {over && <div class="drop-over" aria-hidden="true"><p>Drop a certificate to see it</p></div>}
      {busy && <div class="drop-busy" role="status">Opening the certificate…</div>}
      {error !== null && <div class="drop-error"><Refusal error={error} dismiss={dismiss} /></div>}
    </>
  );
}

/** The same for the keyboard: chooses a file. */
export function OpenCertificateButton(p: Props): JSX.Element | null {
  const { busy, error, open, dismiss } = useOpening(p);
  const input = useRef<HTMLInputElement>(null);
  if (p.source.exported) return null;
  const chosen = (): void => {
    const file = input.current?.files?.[0];
    // So that the same file can be chosen again after it was mended.
    if (input.current) input.current.value = "";
    if (file) void open(file);
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => input.current?.click()}>{busy ? "Opening…" : "Open a certificate…"}</button>
      <input ref={input} type="file" accept=".json,application/json" hidden tabIndex={-1} aria-label="Certificate" onChange={chosen} />
      {error !== null && <div class="drop-error"><Refusal error={error} dismiss={dismiss} /></div>}
    </>
  );
}
