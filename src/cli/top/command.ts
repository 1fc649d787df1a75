/**
 * `lookaside top`: its options, `--once`, and the start of the live table.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { catalogued, type Given, quoted } from "../arguments.js";
import { TOP } from "../catalog.js";
import { EXIT, UsageError } from "../failure.js";
import { fetchSnapshot } from "../observe/fetch-snapshot.js";
import { monitorPlace, type Place } from "../observe/place.js";
import { isTerminal, sizeOf, wantsAscii } from "../terminal/abilities.js";
import { plain } from "../terminal/line.js";
import { frame } from "./frame.js";
import { DepthHistory } from "./history.js";
import { LiveTable } from "./live-table.js";
import {
  FIRST_STATE,
  INTERVAL_MS_MAX,
  INTERVAL_MS_MIN,
  sortedBy,
  sortTitles,
  type TopState,
  type View,
} from "./state.js";

/** The command. */
export const top = catalogued(TOP, runTop);

async function runTop(given: Given): Promise<number> {
  const place = monitorPlace(given.operand);
  const state = stateOf(given);
  const { stdout, env, platform } = process;
  const ascii = given.has("ascii") || wantsAscii(env, platform);
  if (given.has("once")) return printOnce(place, state, ascii);
  if (!isTerminal(stdout, env)) {
    throw new UsageError("there is no terminal to draw on: --once prints one table");
  }
  return new LiveTable(place, state, ascii).run();
}

function stateOf(given: Given): TopState {
  const view = (given.value("view") ?? FIRST_STATE.view) as View;
  const wanted = given.value("sort");
  const sort = wanted === undefined ? FIRST_STATE.sort[view] : sortedBy(view, wanted);
  if (sort === undefined) {
    const titles = sortTitles(view).join(", ");
    throw new UsageError(`--sort must be one of ${titles}, not ${quoted(wanted ?? "")}`);
  }
  return {
    ...FIRST_STATE,
    view,
    sort: { ...FIRST_STATE.sort, [view]: sort },
    filter: given.value("tag") ?? "",
    intervalMs: intervalOf(given.value("interval")),
  };
}

function intervalOf(text: string | undefined): number {
  if (text === undefined) return FIRST_STATE.intervalMs;
  const milliseconds = /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1_000) : Number.NaN;
  if (milliseconds >= INTERVAL_MS_MIN && milliseconds <= INTERVAL_MS_MAX) return milliseconds;
  const bounds = `${INTERVAL_MS_MIN / 1_000} to ${INTERVAL_MS_MAX / 1_000}`;
  throw new UsageError(
    `--interval must be a number of seconds from ${bounds}, not ${quoted(text)}`,
  );
}

/** The width that a variable of the environment asks for, or 0 when that is none. */
function columnsAsked(text = ""): number {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
}

/** Looks twice, because a rate needs two looks. */
async function printOnce(place: Place, state: TopState, ascii: boolean): Promise<number> {
  const before = await fetchSnapshot(place);
  await sleep(state.intervalMs);
  const now = await fetchSnapshot(place);
  const history = new DepthHistory();
  history.note(before);
  history.note(now);
  const sight = { from: place.asked, now, before, history, trouble: null };
  const { stdout, env } = process;
  const columns = stdout.columns || columnsAsked(env["COLUMNS"]) || sizeOf(stdout).columns;
  const { lines } = frame(sight, state, { columns, rows: null, ascii });
  stdout.write(lines.map((line) => `${plain(line).trimEnd()}\n`).join(""));
  return EXIT.OK;
}
