/** Gives a file to the person, without a server. */

/** Time for a browser to begin reading the URL; there is no event that says when it has. */
const GRACE_MS = 30_000;

export function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = safeName(name);
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), GRACE_MS);
}

export function downloadText(name: string, text: string, type = "text/plain"): void {
  download(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

export function downloadSvg(name: string, svg: string): void {
  downloadText(name, svg, "image/svg+xml");
}

/** The last part of a path without characters that file systems refuse. */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).pop() ?? "";
  const clean = last.replace(/[\u0000-\u001f<>:"|?*]/g, "_").replace(/^\.+/, "").slice(-150);
  return clean === "" ? "download" : clean;
}
