/**
 * What must hold at every end of a block-list scenario: see block-list.ts.
 */
import assert from "node:assert/strict";
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import type { AuditReport } from "#src/recovery/index.js";
import { auditPool } from "../../support/pool-audit.js";
import { peek } from "../explorer/door.js";
import type { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { CHANNEL, hasChannel, optionsOf, type Setting } from "./block-list-setting.js";

/** An end: what each thread gave back, and the memory. */
export interface End {
  readonly stage: Stage;
  readonly machine: Machine;
  readonly setting: Setting;
  readonly results: readonly unknown[];
  readonly words: Int32Array;
}

/** Throws when something is wrong. */
export function checkEnd(end: End): void {
  const { stage, machine, setting, results, words } = end;
  const { programs } = setting;
  const region = machine.region();
  const threads = results.slice(0, programs.length);
  const died = threads.includes(undefined);
  const report = demandSound(stage, region);
  if (!died) demandNoCreditLost(stage, region);
  const adopted = (threads as (string[] | undefined)[]).flatMap((some) => some ?? []);
  assert.equal(new Set(adopted).size, adopted.length, "a block was adopted twice by one handle");
  const records = stage.list.recordPlaces(region).length + (hasChannel(setting) ? 1 : 0);
  const held = machine.held(
    words,
    threads.map((result) => result !== undefined),
    programs.map((program) => died && /[s>]/.test(program)),
  );
  const nobodys = nobodysBlocks(stage, region);
  if (hasChannel(setting))
    assert.ok(nobodys <= report.sent, "a block is nobody's and was not sent");
  assert.equal(
    report.held - records - nobodys,
    held,
    "blocks held by nobody, or lost by their holder",
  );
  drain(end, results.length + 1, died);
}

function demandSound(stage: Stage, region: Region): AuditReport {
  const report = stage.recovery.audit(region);
  assert.deepEqual(report.problems, [], "the audit found problems");
  return report;
}

/** CR-1, exactly: a credit can only be lost by a death. */
function demandNoCreditLost(stage: Stage, region: Region): void {
  for (const place of stage.list.recordPlaces(region)) {
    const word = (offset: number): number => peek(place.words, place.at + offset);
    const sums = stage.list.sumParts(place, region.layout.threadCapacity);
    let parked = 0;
    for (const states of stage.list.depotContents(place).values()) parked += states.length;
    const { RECORD } = stage.list;
    assert.equal(
      word(RECORD.CREDITS) + sums.LIMIT + parked,
      word(RECORD.DEPTH),
      "a credit was lost",
    );
  }
}

/** Blocks that are nobody's: their senders died, and their handles lie in a channel. */
function nobodysBlocks(stage: Stage, region: Region): number {
  const { kindOf, SHOWN, subjectOf, walkBlocks } = stage.pool;
  let count = 0;
  walkBlocks(region, (_, seen) => {
    if (kindOf(seen) === SHOWN && subjectOf(seen) === 0) count++;
  });
  return count;
}

/** Everybody leaves, the depot is emptied: then no block but the record may be in use. */
function drain({ stage, machine, setting, words }: End, auditor: number, died: boolean): void {
  const region = machine.region();
  const pool = machine.poolOf(auditor, region);
  for (let thread = 1; thread < auditor; thread++) {
    stage.recovery.recoverThread(region, pool, machine.identityOf(thread), "reclaim");
  }
  demandSound(stage, region);
  receiveAll(stage, region, pool, setting);
  for (const place of stage.list.recordPlaces(region)) {
    const { at, words: view } = place;
    const status = peek(view, at + stage.list.RECORD.STATUS);
    assert.notEqual(status, stage.list.LIST_DELETED, "a deleted list is still there");
    const name = stage.list.nameOfRecord(place);
    const budget = new stage.list.ParkedBudget(region, pool.thread);
    const options = { ...optionsOf(setting), name };
    const list = new stage.list.BlockList(region, pool, budget, options);
    const { parked } = list.statistics();
    const trimmed = list.trim();
    assert.equal(trimmed, parked, "not all parked blocks are in the depot");
    list.delete();
  }
  const left = demandPoolSound(words, machine, died).blocks;
  assert.deepEqual(left, [], "blocks are in use when everybody is gone");
}

/** What lies in the channel, if there is one, is received and freed: it can all be adopted. */
function receiveAll(stage: Stage, region: Region, pool: Pool, setting: Setting): void {
  if (!hasChannel(setting)) return;
  const channel = new stage.channel.Channel(region, pool, CHANNEL);
  const { BlockList, ParkedBudget } = stage.list;
  const budget = new ParkedBudget(region, pool.thread);
  const list = new BlockList(region, pool, budget, optionsOf(setting));
  const lane = list.through(channel);
  for (let block = lane.receive(); block !== null; block = lane.receive()) block.free();
  const { stale, size } = channel.statistics();
  assert.equal(size, 0, "a value was left in the channel");
  const frees = setting.programs.some((program) => />.*[fFx]/.test(program));
  if (!frees) assert.equal(stale, 0, "a block that was sent is lost");
  channel.delete();
  list.leave();
}

/**
 * A thread that dies between a block's state and its tally leaves the tally behind by one call: what a
 * tag is charged is a statistic, and nothing is found by it.
 */
function demandPoolSound(
  words: Int32Array,
  machine: Machine,
  died: boolean,
): ReturnType<typeof auditPool> {
  const found = auditPool(machine.rawRegion(words));
  const problems = found.problems.filter((problem) => !(died && problem.startsWith("tag ")));
  assert.deepEqual(problems, [], "the pool is not sound");
  return found;
}
