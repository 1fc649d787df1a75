/**
 * One frame of `lookaside top`: from what was seen and chosen to the lines of a screen. Pure, and for any
 * size: as many lines as the screen has, each exactly as wide as it.
 *
 * ```
 *   title     url, time, order, trouble        goes last
 *   summary   two lines                        from 8 rows on
 *   titles    of the table's columns           from 2 rows on
 *   rows …
 *   foot      keys, or the filter being typed  from 5 rows on (typing: from 2)
 * ```
 */
import type { PoolSnapshot, Snapshot } from "../../system/index.js";
import { Rates } from "../observe/rates.js";
import { tagMatcher } from "../observe/tag-pattern.js";
import { counted, percent, shortBytes, shortCount, shortRate } from "../terminal/amounts.js";
import { fitLine, type Line, type Piece, piece } from "../terminal/line.js";
import { clean } from "../terminal/text.js";
import { type Column, LIST_COLUMNS, type ListRow, TAG_COLUMNS, type TagRow } from "./columns.js";
import type { DepthHistory } from "./history.js";
import { KEYS } from "./keys.js";
import type { TopState } from "./state.js";
import { inOrder, placed, rowLine, titles } from "./table.js";

/** What was seen. */
export interface Sight {
  readonly from: string;
  readonly now: Snapshot;
  readonly before: Snapshot | null;
  readonly history: DepthHistory;
  /** Why the last look failed, or null. */
  readonly trouble: string | null;
}

/** The screen. `rows` null: as many lines as there are, none in excess. */
export interface Room {
  readonly columns: number;
  readonly rows: number | null;
  readonly ascii: boolean;
}

/** What is to be drawn, and where the table really begins. */
export interface Frame {
  readonly lines: readonly Line[];
  readonly offset: number;
  /** Rows of the table that are shown. */
  readonly page: number;
}

/** Makes the frame. */
export function frame(sight: Sight, state: TopState, room: Room): Frame {
  const { columns: width, rows: height, ascii } = room;
  const rates = new Rates(sight.now, sight.before);
  const matches = tagMatcher(state.typing ?? state.filter);
  const top = [titleLine(sight, state)];
  if (height === null || height >= 8) top.push(...summary(sight.now, rates, matches));
  const typing = state.typing !== null;
  const hasFoot = height !== null && height >= (typing ? 2 : 5);
  const space = height === null ? Number.POSITIVE_INFINITY : height - top.length - Number(hasFoot);
  const body = bodyOf(sight, rates, matches, state, width, space, ascii);
  const lines = [...top, ...body.lines];
  if (height !== null) {
    while (lines.length < height - Number(hasFoot)) lines.push([]);
    if (hasFoot) lines.push(foot(state));
  }
  const shown = height === null ? lines : lines.slice(0, height);
  return {
    lines: shown.map((line) => fitLine(line, width, isHead(line) ? "head" : "plain")),
    offset: body.offset,
    page: body.page,
  };
}

const isHead = (line: Line): boolean =>
  line.some(({ style }) => style === "head" || style === "sorted");

function bodyOf(
  { now, history }: Sight,
  rates: Rates,
  matches: (tag: string) => boolean,
  state: TopState,
  width: number,
  space: number,
  ascii: boolean,
): Frame {
  if (state.help) return { lines: helpLines(space), offset: state.offset, page: 1 };
  if (state.view === "lists") {
    const rows = now.lists
      .filter(({ tag }) => matches(tag))
      .map((list) => ({ list, rates: rates.ofList(list), depths: history.of(list.id) }));
    return table<ListRow>(LIST_COLUMNS, rows, state, width, space, ascii);
  }
  const rows = now.tags
    .filter(({ tag }) => matches(tag))
    .map((tag) => ({ tag, rates: rates.ofTag(tag) }));
  return table<TagRow>(TAG_COLUMNS, rows, state, width, space, ascii);
}

function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  state: TopState,
  width: number,
  space: number,
  ascii: boolean,
): Frame {
  if (space < 1) return { lines: [], offset: state.offset, page: 1 };
  const sorted = state.sort[state.view];
  const fitting = placed(columns, rows, width);
  const page = Math.max(1, Math.min(space - 1, rows.length));
  const offset = Math.max(0, Math.min(state.offset, rows.length - page));
  const shown = inOrder(rows, columns, sorted, state.reversed).slice(offset, offset + page);
  const lines = [titles(fitting, sorted), ...shown.map((row) => rowLine(fitting, row, ascii))];
  if (rows.length === 0) {
    const none = state.view === "lists" ? "no lists" : "no tags";
    lines.push([piece((state.typing ?? state.filter) === "" ? none : `${none} that match`, "dim")]);
  }
  return { lines: lines.slice(0, space), offset, page };
}

function helpLines(space: number): Line[] {
  const width = Math.max(...KEYS.map(([key]) => key.length));
  const lines: Line[] = [
    [piece("Keys", "title"), piece("  any key: back to the table", "dim")],
    ...KEYS.map(([key, text]) => [piece(`  ${key.padEnd(width)}  `, "picture"), piece(text)]),
    [piece("Hit%: allocations that a parked block served; Kept%: frees that were parked", "dim")],
  ];
  return lines.slice(0, Math.max(0, space));
}

/** Time of day, as the clock of this process has it. */
function timeOf(takenAt: number): string {
  const time = new Date(takenAt);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function titleLine({ from, now, trouble }: Sight, state: TopState): Line {
  const pieces: Piece[] = [piece("lookaside top", "title"), piece(`  ${timeOf(now.takenAt)}`)];
  if (trouble !== null) pieces.push(piece(`  asking again: ${clean(trouble)}`, "bad"));
  if (state.paused) pieces.push(piece("  paused", "doubtful"));
  if (now.state !== "open") pieces.push(piece(`  ${stateText(now)}`, "bad"));
  if (state.filter !== "" && state.typing === null) {
    pieces.push(piece(`  tags ${state.filter}*`, "doubtful"));
  }
  const order = `${state.reversed ? "least" : "most"} ${state.sort[state.view]}`;
  if (trouble === null)
    pieces.push(piece(`  every ${state.intervalMs / 1_000} s, by ${order}`, "dim"));
  if (trouble === null) pieces.push(piece(`  ${clean(from)}`, "dim"));
  return pieces;
}

function stateText({ state, stopCode }: Snapshot): string {
  return stopCode === null ? state : `${state}: bug check 0x${stopCode.toString(16)}`;
}

function summary(now: Snapshot, rates: Rates, matches: (tag: string) => boolean): Line[] {
  const attached = now.threads.filter(({ status }) => status === "attached").length;
  const pools = now.pools.map(poolText).join("  ");
  const memory = `memory ${shortBytes(now.memory.bytes)} of ${shortBytes(now.memory.maximumBytes)}`;
  const dead = now.recoveries.threads;
  const lists = now.lists.filter(({ tag }) => matches(tag));
  const total = (of: (list: (typeof lists)[number]) => number | null): number | null =>
    lists.reduce<number | null>((sum, list) => {
      const value = of(list);
      return value === null ? sum : (sum ?? 0) + value;
    }, null);
  const allocates = total((list) => rates.ofList(list).allocates);
  const frees = total((list) => rates.ofList(list).frees);
  const misses = total((list) => rates.ofList(list).misses);
  const calls = (allocates ?? 0) + (frees ?? 0);
  const hits = misses === null || calls === 0 ? null : Math.max(0, 1 - misses / calls);
  return [
    [
      piece(`${counted(lists.length, "list")}, ${counted(attached, "thread")}`),
      ...(dead === 0 ? [] : [piece(`, ${counted(dead, "thread")} recovered`, "doubtful")]),
      piece(`  ${memory}  ${pools}`),
    ],
    [
      piece(
        `all lists: ${shortRate(allocates)} alloc/s, ${shortRate(frees)} free/s, hits ${percent(hits)} %, ` +
          `held ${shortBytes(total((list) => list.heldBytes) ?? 0)}, ` +
          `parked ${shortBytes(total((list) => list.parkedBytes) ?? 0)} ` +
          `in ${shortCount(total((list) => list.parked) ?? 0)} blocks`,
      ),
    ],
  ];
}

function poolText({ pool, usedBytes, limitBytes }: PoolSnapshot): string {
  const name = pool === "paged" ? "paged" : "nonpaged";
  return `${name} ${shortBytes(usedBytes)} of ${shortBytes(limitBytes)}`;
}

function foot(state: TopState): Line {
  if (state.typing !== null) {
    return [
      piece("tags that begin with: "),
      piece(`${state.typing}_`, "title"),
      piece("  Enter, Esc", "dim"),
    ];
  }
  return [
    piece(
      "q end  ? help  Tab lists/tags  s sort  r turn  / filter  Space pause  arrows move",
      "dim",
    ),
  ];
}
