/** Small settings of the reader; a browser that forbids storage only forgets them. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`lemmata.${name}`, value);
  } catch {
    // Private windows and file:// pages may refuse: the setting then lasts as long as the page.
  }
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`lemmata.${name}`);
  } catch {
    return null;
  }
}
