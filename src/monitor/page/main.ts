/**
 * The page: puts the parts together. Messages change the state; a frame of the screen shows it, at most once
 * for each, and not while nobody sees the page.
 */
import { ChartsView } from "./charts-view.js";
import { Connection, type ConnectionState, type SourceLike } from "./connection.js";
import { byId, setAttribute, setText } from "./dom.js";
import { EventsView } from "./events-view.js";
import { exact, plural, printable } from "./format.js";
import { History } from "./history.js";
import { ListsView } from "./lists-view.js";
import { MemoryView } from "./memory-view.js";
import { readPalette } from "./palette.js";
import { SelectionView } from "./selection-view.js";
import { StatusView } from "./status-view.js";
import { answersTo, type Row } from "./table-order.js";
import { TagsView } from "./tags-view.js";
import { startTheme } from "./theme.js";
import { ThreadsView } from "./threads-view.js";
import { TilesView } from "./tiles-view.js";
import type { Frame, FrameList, LogEntry, MemoryFrame } from "./wire.js";

class Page {
  readonly #history = new History();
  readonly #status = new StatusView();
  readonly #tiles = new TilesView(byId("tiles"));
  readonly #charts = new ChartsView(byId("charts"));
  readonly #selection = new SelectionView(byId("facts"), byId("rings"));
  readonly #lists: ListsView;
  readonly #memory: MemoryView;
  readonly #tags: TagsView;
  readonly #threads = new ThreadsView(byId("threads"), byId("threads-count"));
  readonly #events = new EventsView(byId("events"), byId("event-kinds"));
  readonly #connection: Connection;
  #frame: Frame | null = null;
  #memoryFrame: MemoryFrame | null = null;
  #selected: string | null = null;
  #filter = "";
  #seconds = 300;
  #asked = false;

  constructor() {
    const palette = readPalette();
    this.#lists = new ListsView(byId("lists-table"), byId("pages"), {
      selected: (id) => this.#select(id),
      changed: () => this.#ask(),
    });
    this.#memory = new MemoryView(byId("memory"), byId("memory-summary"), palette);
    this.#tags = new TagsView(byId("tags"), byId("tags-count"), () => this.#ask());
    this.#charts.paint(palette);
    this.#connection = new Connection(
      {
        open: () => new EventSource("events") as SourceLike,
        later: (action, milliseconds) => {
          const timer = setTimeout(action, milliseconds);
          return () => clearTimeout(timer);
        },
      },
      {
        state: (state, retryMs) => this.#state(state, retryMs),
        message: (name, data) => this.#message(name, data),
      },
    );
  }

  start(): void {
    startTheme(() => this.#paint());
    byId("pause").addEventListener("click", () => {
      if (this.#connection.state === "paused") this.#connection.open();
      else this.#connection.pause();
    });
    byId("clear-selection").addEventListener("click", () => this.#select(null));
    const filter = byId<HTMLInputElement>("filter");
    filter.addEventListener("input", () => {
      this.#filter = filter.value;
      this.#lists.toFirstPage();
      this.#ask();
    });
    const spans = [...document.querySelectorAll<HTMLElement>("[data-span]")];
    for (const button of spans) {
      button.addEventListener("click", () => {
        this.#seconds = Number(button.dataset["span"]);
        for (const other of spans) setAttribute(other, "aria-pressed", String(other === button));
        this.#ask();
      });
    }
    document.addEventListener("visibilitychange", () => this.#ask());
    this.#connection.open();
  }

  #state(state: ConnectionState, retryMs: number): void {
    this.#status.state(state, retryMs);
  }

  #message(name: string, data: unknown): void {
    if (name === "frame") {
      const frame = data as Frame;
      this.#frame = frame;
      this.#history.note(frame);
      this.#connection.expectEvery(frame.periodMs);
    } else if (name === "memory") {
      this.#memoryFrame = data as MemoryFrame;
    } else if (name === "log") {
      this.#events.add(data as readonly LogEntry[]);
    } else if (name === "failure") {
      this.#status.failed((data as { readonly message: string }).message);
    }
    this.#ask();
  }

  /** Asks for one showing before the screen is drawn next. */
  #ask(): void {
    if (this.#asked || document.hidden) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#show();
    });
  }

  #show(): void {
    const frame = this.#frame;
    if (frame === null) return;
    document.body.dataset["ready"] = "true";
    this.#status.show(frame);
    this.#tiles.show(frame, this.#history);
    this.#showLists(frame);
    this.#threads.show(frame);
    this.#tags.show(frame, this.#filter);
    this.#events.set(this.#filter, frame.periodMs);
    if (this.#memoryFrame !== null) this.#memory.show(this.#memoryFrame);
    this.#memoryFrame = null;
  }

  #showLists({ lists }: Frame): void {
    const found = lists.filter((list) => answersTo(list, this.#filter));
    this.#lists.show(
      found.map((list) => this.#row(list)),
      lists.length,
    );
    const all = plural(lists.length, "list");
    setText(
      byId("lists-count"),
      found.length === lists.length ? all : `${exact(found.length)} of ${all}`,
    );
    const selected = lists.find(({ id }) => id === this.#selected) ?? null;
    if (selected === null && this.#selected !== null) this.#select(null); // it is gone
    setText(byId("charts-heading"), selected === null ? "All lists" : printable(selected.name));
    byId("clear-selection").hidden = selected === null;
    this.#selection.show(selected);
    this.#charts.show(this.#history, this.#selected, this.#seconds);
  }

  #row(list: FrameList): Row {
    return {
      list,
      rate: this.#history.recent(list.id, "allocates"),
      hitRate: this.#history.recent(list.id, "hitRate"),
      freeHitRate: this.#history.recent(list.id, "freeHitRate"),
    };
  }

  #select(id: string | null): void {
    this.#selected = id;
    this.#lists.select(id);
    this.#ask();
  }

  #paint(): void {
    const palette = readPalette();
    this.#charts.paint(palette);
    this.#memory.paint(palette);
    this.#ask();
  }
}

new Page().start();
