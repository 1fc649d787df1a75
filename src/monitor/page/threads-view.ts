/** Threads that have, or had, a number, and what recoveries did. */
import { element, setAttribute, setChildren, setText } from "./dom.js";
import { exact, plural } from "./format.js";
import type { Frame } from "./wire.js";

type Thread = Frame["threads"][number];

const RECOVERED = [
  ["threads", "Threads recovered"],
  ["parked", "Blocks they had parked"],
  ["reclaimed", "Held, given back"],
  ["kept", "Held, kept for adoption"],
  ["locks", "Locks taken over"],
] as const;

/** Threads as badges, recoveries as numbers. */
export class ThreadsView {
  readonly #list: HTMLElement;
  readonly #count: HTMLElement;
  readonly #facts: HTMLElement[] = [];

  constructor(parent: HTMLElement, count: HTMLElement) {
    this.#count = count;
    this.#list = element("ul", { class: "threads" });
    const facts = element("dl", { class: "facts" });
    for (const [, label] of RECOVERED) {
      const value = element("dd", { text: "0" });
      this.#facts.push(value);
      facts.append(element("div", {}, element("dt", { text: label }), value));
    }
    parent.append(this.#list, element("h3", { class: "sub", text: "Recoveries" }), facts);
  }

  show({ threads, threadCapacity, takenBy, recoveries }: Frame): void {
    const attached = threads.filter(({ status }) => status === "attached").length;
    setText(
      this.#count,
      `${plural(attached, "thread")} attached of at most ${exact(threadCapacity)}`,
    );
    setChildren(
      this.#list,
      threads,
      () => element("li", {}, element("b"), element("span")),
      (item, thread) => showThread(item, thread, takenBy),
    );
    for (const [index, [field]] of RECOVERED.entries()) {
      setText(this.#facts[index] as Node, exact(recoveries[field]));
    }
  }
}

function showThread(item: HTMLElement, { thread, status, host, epoch }: Thread, by: number): void {
  setAttribute(item, "data-status", status);
  setText(item.firstElementChild as Node, String(thread));
  const states = { attached: "attached", recovering: "being recovered", free: "number is free" };
  const parts = [status === "attached" && thread === by ? "serves this page" : states[status]];
  if (host !== null) parts.push(`host thread ${host}`);
  setText(item.lastElementChild as Node, parts.join(" · "));
  setAttribute(item, "title", `The number was used ${plural(epoch, "time")} before`);
}
