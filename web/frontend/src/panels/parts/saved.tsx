import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Source } from "../../api/source";
import type { View } from "../../api/types";
import { ErrorNote } from "../../app/error";
import { baseName } from "../../app/format";
import { download, downloadSvg, downloadText, safeName } from "../../download";
import type { TreeHandle } from "../../tree/TreeView";

/** A button for something that takes a moment and may fail; the failure is told beside it. */
export function useAttempt(): { busy: boolean; error: unknown; attempt: (work: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const attempt = (work: () => Promise<void>): void => {
    setBusy(true);
    setError(null);
    work().catch((found: unknown) => setError(found ?? new Error("unknown fault"))).finally(() => setBusy(false));
  };
  return { busy, error, attempt };
}

/** The name that files of a view begin with. */
export function stem(view: View): string {
  const file = baseName(view.target).replace(/\.[^.]*$/, "");
  return safeName([file, view.name].filter((part) => part !== "").join("."));
}

/** The certificate's file: a link to the server, or what an exported page carries. */
export function CertificateLink({ view, source }: { view: View; source: Source }): JSX.Element | null {
  const { busy, error, attempt } = useAttempt();
  const { certificate } = view;
  if (!certificate) return null;
  const name = `${stem(view)}.lemmata.json`;
  if (!source.exported) {
    return <a class="button small" href={`/api/certificates/${encodeURIComponent(certificate.id)}`} download={name}>Certificate</a>;
  }
  const save = async (): Promise<void> => download(name, await source.certificate(certificate.id));
  return (
    <>
      <button type="button" class="small" disabled={busy} onClick={() => attempt(save)}>Certificate</button>
      {error !== null && <ErrorNote error={error} />}
    </>
  );
}

/** Downloads of a proof, its certificate and the picture of its tree. */
export function Downloads(p: { view: View; source: Source; proof: { file: string; text: string } | null; tree: () => TreeHandle | null }): JSX.Element {
  const { busy, error, attempt } = useAttempt();
  const { view, proof } = p;
  const picture = async (save: (tree: TreeHandle) => Promise<void> | void): Promise<void> => {
    const tree = p.tree();
    if (!tree) throw new Error("the tree is not drawn yet");
    await save(tree);
  };
  return (
    <div class="downloads">
      <span class="muted" id="download-label">Download</span>
      <div role="group" aria-labelledby="download-label">
        {proof && <button type="button" class="small" onClick={() => downloadText(proof.file, proof.text)}>Proof</button>}
        <CertificateLink view={view} source={p.source} />
        <button type="button" class="small" disabled={busy} onClick={() => attempt(() => picture((tree) => downloadSvg(`${stem(view)}.svg`, tree.svg())))}>Tree as SVG</button>
        <button type="button" class="small" disabled={busy} onClick={() => attempt(() => picture(async (tree) => download(`${stem(view)}.png`, await tree.png())))}>Tree as PNG</button>
      </div>
      {error !== null && <ErrorNote error={error} />}
    </div>
  );
}
