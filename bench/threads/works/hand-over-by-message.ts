/**
 * Hand-over by message: the sender gets a buffer, writes a number at both ends and posts it; the receiver
 * adds the numbers up. At most `WINDOW` buffers are on the way, as they are by handle, so that no memory
 * piles up.
 */
import type { MessagePort } from "node:worker_threads";
import { BOARD_FREE, type Member, type Part, pauseFor } from "../part.js";

/** Buffers that may be on the way. */
export const WINDOW = 64;

/** How many messages have been received, modulo 2^32: written by the receiver. */
const RECEIVED = BOARD_FREE;

/** What both ends of a buffer add up to, over all buffers. */
export function handOverHash(operations: number): number {
  let hash = 0;
  for (let at = 0; at < operations; at++) hash = (hash + 2 * (at & 255)) | 0;
  return hash >>> 0;
}

/** What the threads of a message crew are given. */
export interface MessageOrders {
  readonly bytes: number;
  /** A fresh buffer that goes over, or a copy of one that stays. */
  readonly way: "clone" | "transfer";
}

function demandPort(port: MessagePort | undefined): MessagePort {
  if (port === undefined) throw new Error("hand-over by message needs ports");
  return port;
}

/** By message: rank 0 sends, and waits for the receiver's count when too many are on the way. */
export function byMessage(member: Member<MessageOrders>): Part {
  return member.rank === 0 ? sendMessages(member) : receiveMessages(member);
}

function sendMessages({ board, data, port: given }: Member<MessageOrders>): Part {
  const port = demandPort(given);
  const { bytes, way } = data;
  const own = new Int32Array(bytes >>> 2);
  const last = own.length - 1;
  let sent = 0;
  return {
    run(operations) {
      for (let at = 0; at < operations; at++) {
        for (let tries = 0; ((sent - Atomics.load(board, RECEIVED)) | 0) >= WINDOW; )
          tries = pauseFor(board, tries);
        const words = way === "clone" ? own : new Int32Array(bytes >>> 2);
        words[0] = at & 255;
        words[last] = at & 255;
        if (way === "clone") port.postMessage(words);
        else port.postMessage(words, [words.buffer]);
        sent = (sent + 1) | 0;
      }
      return 0;
    },
    end: () => port.close(),
  };
}

function receiveMessages({ board, port: given }: Member<MessageOrders>): Part {
  const port = demandPort(given);
  let left = 0;
  let hash = 0;
  let finish: (hash: number) => void = () => {};
  port.on("message", (words: Int32Array) => {
    hash = (hash + (words[0] as number) + (words[words.length - 1] as number)) | 0;
    Atomics.add(board, RECEIVED, 1);
    left--;
    if (left === 0) finish(hash >>> 0);
  });
  return {
    run(operations) {
      if (operations === 0) return 0;
      left += operations;
      hash = 0;
      return new Promise((settle) => {
        finish = settle;
      });
    },
    end: () => port.close(),
  };
}
