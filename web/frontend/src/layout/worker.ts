import { tidy } from "./tidy";

export interface LayoutRequest { id: number; parent: Int32Array }
export interface LayoutAnswer { id: number; places: Float32Array }

// A small part of DedicatedWorkerGlobalScope: the types of pages and of workers cannot be loaded together.
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<LayoutRequest>) => void) | null;
  postMessage(answer: LayoutAnswer, transfer: Transferable[]): void;
};

scope.onmessage = ({ data }) => {
  const places = tidy(data.parent);
  scope.postMessage({ id: data.id, places }, [places.buffer]);
};
