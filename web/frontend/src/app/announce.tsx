import { useEffect, useState } from "preact/hooks";

let say: (text: string) => void = () => undefined;

/** Have a screen reader say something, without moving the focus. */
export function announce(text: string): void {
  say(text);
}

export function Announcer() {
  const [text, setText] = useState("");
  useEffect(() => {
    say = setText;
    return () => { say = () => undefined; };
  }, []);
  return <div class="offscreen" role="status" aria-live="polite">{text}</div>;
}
