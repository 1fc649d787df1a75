/** What the page says of its stream: live, paused, lost; and what the system says of itself. */
import type { ConnectionState } from "./connection.js";
import { byId, setAttribute, setText } from "./dom.js";
import { clock, cost, lasting, plural, printable } from "./format.js";
import type { Frame } from "./wire.js";

const TEXTS: Readonly<Record<ConnectionState, string>> = {
  connecting: "Connecting",
  live: "Live",
  stalled: "No answer",
  waiting: "Disconnected",
  paused: "Paused",
};

/** The sentence under the heading. */
export function subtitleOf({ lists, threads, periodMs, memory }: Frame): string {
  const attached = threads.filter(({ status }) => status === "attached").length;
  const mebibytes = Math.round(memory.bytes / 2 ** 20);
  return (
    `${plural(lists.length, "list")} · ${plural(attached, "thread")} · ` +
    `${mebibytes} MiB · every ${lasting(periodMs)}`
  );
}

/** Head and foot of the page. */
export class StatusView {
  readonly #status = byId("status");
  readonly #notice = byId("notice");
  readonly #pause = byId("pause");
  #lastAt = 0;
  #failure: string | null = null;
  #stopped: string | null = null;
  #away: string | null = null;

  /** The stream is in another state. */
  state(state: ConnectionState, retryMs: number): void {
    setText(this.#status, TEXTS[state]);
    setAttribute(this.#status, "data-state", state);
    setAttribute(document.body, "data-stream", state);
    setText(this.#pause, state === "paused" ? "Resume" : "Pause");
    setAttribute(this.#pause, "aria-pressed", String(state === "paused"));
    const as = this.#lastAt === 0 ? "" : ` What you see is as of ${clock(this.#lastAt)}.`;
    this.#away = null;
    if (state === "waiting") {
      this.#away = `The server does not answer; next try in ${lasting(retryMs)}.${as}`;
    } else if (state === "stalled") {
      this.#away = `The server has said nothing for a while.${as}`;
    }
    this.#say();
  }

  show(frame: Frame): void {
    this.#lastAt = frame.takenAt;
    this.#failure = null;
    const title = printable(frame.title);
    setText(byId("title"), title);
    const page = title === "lookaside" ? title : `${title} · lookaside`;
    if (document.title !== page) document.title = page;
    setText(byId("subtitle"), subtitleOf(frame));
    const look = `A look takes ${cost(frame.snapshotMs)} of thread ${frame.takenBy}`;
    setText(byId("cost"), `${look}. Reading only: nothing here changes the system.`);
    const code = frame.stopCode === null ? "" : ` with code 0x${frame.stopCode.toString(16)}`;
    this.#stopped =
      frame.state === "stopped" ? `The machine was stopped by a bug check${code}.` : null;
    this.#say();
  }

  /** A look failed in the server. */
  failed(message: string): void {
    this.#failure = `The server could not take a snapshot: ${printable(message)}`;
    this.#say();
  }

  #say(): void {
    const text = this.#away ?? this.#failure ?? this.#stopped;
    this.#notice.hidden = text === null;
    setText(this.#notice, text ?? "");
  }
}
