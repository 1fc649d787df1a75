/**
 * A handle from one thread to another: through a channel, and in a message.
 *
 * There and back: one handle is under way at a time. One way: the next one is sent at once, and the other
 * thread answers when it has them all.
 */
import { once } from "node:events";
import { type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { type Channel, System } from "lookaside";
import type { Contender } from "../harness.js";

/** What the other thread is told to do. */
export interface EchoOrders {
  readonly ticket: ReturnType<System["ticket"]> | null;
  readonly port: MessagePort | null;
}

const CAPACITY = 256;

/** Names of the channels there and back. */
export const THERE = { name: "there", capacity: CAPACITY } as const;
export const BACK = { name: "back", capacity: CAPACITY } as const;

/** What ends a run of handles: the other thread answers with how many came before it. */
export const LAST = 2 ** 50;

/** What every handle but the last bears when it is to be sent back at once. */
export const ECHO = 2 ** 49;

const everyOne = (operations: number): number => operations;

async function startEcho(orders: EchoOrders): Promise<Worker> {
  const url = new URL("./channel-echo.js", import.meta.url);
  const transferList = orders.port === null ? [] : [orders.port];
  const worker = new Worker(url, { workerData: orders, transferList });
  worker.unref();
  await once(worker, "message");
  return worker;
}

interface Ends {
  readonly there: Channel;
  readonly back: Channel;
  readonly system: System;
  readonly worker: Worker;
}

async function channels(): Promise<Ends> {
  const system = System.create({ nonPaged: "4 MiB", depth: { periodMs: 0 } });
  const there = system.channel(THERE);
  const back = system.channel(BACK);
  const worker = await startEcho({ ticket: system.ticket(), port: null });
  return { system, there, back, worker };
}

function endOf({ there, system }: Ends): () => void {
  return () => {
    there.close();
    system.detach();
  };
}

/** A handle there and back through two channels. */
export async function channelRoundTrip(): Promise<Contender> {
  const ends = await channels();
  const { there, back } = ends;
  return {
    name: "channel, there and back",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        there.pushBlocking(ECHO + at);
        if (back.popBlocking() === ECHO + at) done++;
      }
      return done;
    },
    expected: everyOne,
    dispose: endOf(ends),
  };
}

/** Handles through one channel, and one answer. */
export async function channelOneWay(): Promise<Contender> {
  const ends = await channels();
  const { there, back } = ends;
  return {
    name: "channel, one way",
    run(operations) {
      for (let at = 0; at < operations; at++) there.pushBlocking(at);
      there.pushBlocking(LAST);
      return back.popBlocking() ?? 0;
    },
    expected: everyOne,
    dispose: endOf(ends),
  };
}

/** The next message of a port, asked for until it is there: the fastest that a thread can have it. */
function nextOf(port: MessagePort): number {
  for (;;) {
    const found = receiveMessageOnPort(port);
    if (found !== undefined) return found.message as number;
  }
}

async function ports(): Promise<MessagePort> {
  const { port1, port2 } = new MessageChannel() as unknown as Record<
    "port1" | "port2",
    MessagePort
  >;
  await startEcho({ ticket: null, port: port2 });
  port1.unref();
  return port1;
}

/** A handle there and back in two messages. */
export async function messageRoundTrip(): Promise<Contender> {
  const port = await ports();
  return {
    name: "postMessage, there and back",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        port.postMessage(ECHO + at);
        if (nextOf(port) === ECHO + at) done++;
      }
      return done;
    },
    expected: everyOne,
    dispose: () => port.close(),
  };
}

/** Handles in one message each, and one answer. */
export async function messageOneWay(): Promise<Contender> {
  const port = await ports();
  return {
    name: "postMessage, one way",
    run(operations) {
      for (let at = 0; at < operations; at++) port.postMessage(at);
      port.postMessage(LAST);
      return nextOf(port);
    },
    expected: everyOne,
    dispose: () => port.close(),
  };
}
