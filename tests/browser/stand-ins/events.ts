/** `node:events` for pages, workers and worklets: listeners by the name of their event. */
type Listener = (...values: never[]) => void;

interface Registration {
  readonly listener: Listener;
  readonly once: boolean;
}

export class EventEmitter {
  readonly #byEvent = new Map<string, Registration[]>();

  on(event: string, listener: Listener): this {
    return this.#add(event, { listener, once: false });
  }

  once(event: string, listener: Listener): this {
    return this.#add(event, { listener, once: true });
  }

  off(event: string, listener: Listener): this {
    const left = this.#of(event).filter((each) => each.listener !== listener);
    this.#byEvent.set(event, left);
    return this;
  }

  listenerCount(event: string): number {
    return this.#of(event).length;
  }

  emit(event: string, ...values: unknown[]): boolean {
    const present = this.#of(event);
    const left = present.filter(({ once }) => !once);
    this.#byEvent.set(event, left);
    for (const { listener } of present) listener(...(values as never[]));
    return present.length > 0;
  }

  #of(event: string): Registration[] {
    return this.#byEvent.get(event) ?? [];
  }

  #add(event: string, registration: Registration): this {
    this.#byEvent.set(event, [...this.#of(event), registration]);
    return this;
  }
}

/** The values of the next event of a name; an event "error" rejects. */
export function once(emitter: EventEmitter, event: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    emitter.once(event, (...values) => resolve(values));
    if (event !== "error") emitter.once("error", reject);
  });
}
