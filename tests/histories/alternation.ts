/**
 * Whether blocks went from hand to hand: the history of each is held against the one rule that it has,
 * and no byte may be in two hands at once, wherever the blocks begin that it is in.
 */
import assert from "node:assert/strict";
import { linearize, type Operation } from "./linearize.js";
import { type BlockCall, blockModel } from "./models.js";

/** A recorded call of a block: its address (or an object's number); 0 when it may be any block's. */
export interface Touch {
  readonly address: number;
  readonly call: BlockCall;
  /** Bytes of the block, where they are known: for {@link sharedBytes}. */
  readonly bytes?: number;
}

/** The histories of all blocks, by address. A call that may be any block's is in all of them. */
export function blockHistories(
  touches: readonly Operation<Touch>[],
): Map<number, Operation<BlockCall>[]> {
  const histories = new Map<number, Operation<BlockCall>[]>();
  for (const { call } of touches) if (call.address !== 0) histories.set(call.address, []);
  for (const { thread, begin, end, call: touch } of touches) {
    const one = { thread, begin, end, call: touch.call };
    if (touch.address !== 0) histories.get(touch.address)?.push(one);
    else for (const history of histories.values()) history.push(one);
  }
  return histories;
}

/**
 * Demands that each block's calls have an order that the rule of blocks allows. `holders` says who holds
 * which block before the first call, 0 or nothing being nobody, and is brought up to date when all calls are
 * over. Gives back how many calls there were.
 */
export function demandAlternation(
  histories: ReadonlyMap<number, Operation<BlockCall>[]>,
  holders: Map<number, number> = new Map(),
): number {
  let calls = 0;
  for (const [address, history] of histories) {
    calls += history.length;
    const holder = holders.get(address) ?? 0;
    const { isLinearizable, order } = linearize(blockModel(holder), history);
    if (!isLinearizable) {
      const rest = history.filter((one) => !order.includes(one));
      rest.sort((one, other) => one.begin - other.begin);
      const text = JSON.stringify({ holder, explained: order.slice(-8), rest: rest.slice(0, 8) });
      assert.fail(`block 0x${address.toString(16)} did not go from hand to hand: ${text}`);
    }
    const last = order.at(-1);
    if (last !== undefined) holders.set(address, last.call.kind === "free" ? 0 : last.thread);
  }
  return calls;
}

/** A time in which a block was surely held: from the end of its allocation to the beginning of its free. */
interface Hold {
  readonly address: number;
  readonly until: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Pairs of blocks that were held at one time although they have bytes in common, in words. Blocks that begin
 * at different addresses have histories of their own, so their alternation does not show this.
 */
export function sharedBytes(touches: readonly Operation<Touch>[]): string[] {
  const holds: Hold[] = [];
  const open = new Map<number, Operation<Touch>>();
  const inOrder = [...touches].sort((one, other) => one.begin - other.begin);
  const close = (address: number, to: number): void => {
    const got = open.get(address);
    open.delete(address);
    const bytes = got?.call.bytes ?? 0;
    if (got !== undefined && got.end < to)
      holds.push({ address, until: address + bytes, from: got.end, to });
  };
  for (const one of inOrder) {
    const { address, call } = one.call;
    if (call.kind === "free") close(address, one.begin);
    if (call.kind !== "allocate") continue;
    close(address, one.begin); // its free is one of those that overlap this call
    open.set(address, one);
  }
  for (const address of [...open.keys()]) close(address, Number.POSITIVE_INFINITY);
  return overlapping(holds);
}

function overlapping(holds: Hold[]): string[] {
  holds.sort((one, other) => one.from - other.from);
  const problems: string[] = [];
  let now: Hold[] = [];
  for (const hold of holds) {
    now = now.filter(({ to }) => to > hold.from);
    for (const other of now) {
      if (other.address >= hold.until || hold.address >= other.until) continue;
      const places = [other, hold].map(({ address }) => `0x${address.toString(16)}`).join(" and ");
      problems.push(`the blocks at ${places} have bytes in common and were held at one time`);
    }
    now.push(hold);
  }
  return problems;
}
