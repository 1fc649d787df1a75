/**
 * What the person before the screen has chosen, and what each key makes of it: a pure function.
 */
import { type Column, LIST_COLUMNS, TAG_COLUMNS } from "./columns.js";

/** Which table is shown. */
export type View = "lists" | "tags";

/** Everything that keys change. */
export interface TopState {
  readonly view: View;
  /** Title of the column to sort by, of each table. */
  readonly sort: Readonly<Record<View, string>>;
  readonly reversed: boolean;
  readonly filter: string;
  /** What is being typed as the next filter, or null. */
  readonly typing: string | null;
  readonly paused: boolean;
  readonly help: boolean;
  /** Rows above the first one that is shown; the frame keeps it within the table. */
  readonly offset: number;
  readonly intervalMs: number;
}

/** What the program has to do: to look at once, or when the new interval is over. */
export type Action = "none" | "end" | "interrupt" | "redraw" | "suspend" | "look" | "pace";

export const INTERVAL_MS_MIN = 100;
export const INTERVAL_MS_MAX = 3_600_000;

/** How it begins. */
export const FIRST_STATE: TopState = {
  view: "lists",
  sort: { lists: "Alloc/s", tags: "Bytes" },
  reversed: false,
  filter: "",
  typing: null,
  paused: false,
  help: false,
  offset: 0,
  intervalMs: 1_000,
};

/** Titles that a table can be sorted by, with their keys. */
function sortable(view: View): readonly Pick<Column<never>, "title" | "key" | "by">[] {
  const columns = view === "lists" ? LIST_COLUMNS : TAG_COLUMNS;
  return columns.filter(({ by }) => by !== undefined);
}

/** The column that a person means by its title, whatever the case of letters. */
export function sortedBy(view: View, title: string): string | undefined {
  const wanted = title.toLowerCase();
  return sortable(view).find((column) => column.title.toLowerCase() === wanted)?.title;
}

/** Titles that a table can be sorted by. */
export function sortTitles(view: View): readonly string[] {
  return sortable(view).map(({ title }) => title);
}

/** The state after a key. `page` is how many rows are shown. */
export function press(state: TopState, key: string, page: number): readonly [TopState, Action] {
  if (key === "ctrl-c") return [state, "interrupt"];
  if (key === "ctrl-z") return [state, "suspend"];
  if (key === "ctrl-l") return [state, "redraw"];
  if (state.typing !== null) return [typed(state, state.typing, key), "none"];
  if (state.help && key !== "q") return [{ ...state, help: false }, "none"];
  const { offset, view } = state;
  const to = (next: number): readonly [TopState, Action] => [
    { ...state, offset: Math.max(0, next) },
    "none",
  ];
  switch (key) {
    case "q":
      return [state, "end"];
    case "?":
    case "f1":
      return [{ ...state, help: true }, "none"];
    case "tab":
    case "v":
      return [{ ...state, view: view === "lists" ? "tags" : "lists", offset: 0 }, "none"];
    case " ":
    case "p":
      return [{ ...state, paused: !state.paused }, state.paused ? "look" : "none"];
    case "/":
      return [{ ...state, typing: state.filter }, "none"];
    case "escape":
      return [{ ...state, filter: "", offset: 0 }, "none"];
    case "r":
      return [{ ...state, reversed: !state.reversed }, "none"];
    case "s":
      return [sortedNext(state, 1), "none"];
    case "S":
      return [sortedNext(state, -1), "none"];
    case "+":
      return [{ ...state, intervalMs: Math.min(INTERVAL_MS_MAX, state.intervalMs * 2) }, "pace"];
    case "-":
      return [{ ...state, intervalMs: Math.max(INTERVAL_MS_MIN, state.intervalMs / 2) }, "pace"];
    case "up":
      return to(offset - 1);
    case "down":
      return to(offset + 1);
    case "pageup":
      return to(offset - page);
    case "pagedown":
      return to(offset + page);
    case "home":
      return to(0);
    case "end":
      return to(Number.MAX_SAFE_INTEGER);
    default: {
      const column = sortable(view).find((candidate) => candidate.key === key);
      return [column === undefined ? state : sortedAfresh(state, column.title), "none"];
    }
  }
}

function sortedAfresh(state: TopState, title: string): TopState {
  return { ...state, sort: { ...state.sort, [state.view]: title }, reversed: false, offset: 0 };
}

function sortedNext(state: TopState, step: number): TopState {
  const titles = sortTitles(state.view);
  const at = titles.indexOf(state.sort[state.view]) + step + titles.length;
  return sortedAfresh(state, titles[at % titles.length] as string);
}

function typed(state: TopState, typing: string, key: string): TopState {
  switch (key) {
    case "return":
      return { ...state, filter: typing, typing: null, offset: 0 };
    case "escape":
      return { ...state, typing: null };
    case "backspace":
      return { ...state, typing: [...typing].slice(0, -1).join("") };
    case "ctrl-u":
      return { ...state, typing: "" };
    default:
      // A tag has four characters; a few more for wildcards.
      return /^[ -~]$/.test(key) && typing.length < 16 ? { ...state, typing: typing + key } : state;
  }
}
