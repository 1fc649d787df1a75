/**
 * A stand-in for the monitor of another process: answers `/snapshot.json` on a port of the loopback, with
 * whatever a test wants.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";

/** A server that runs until the test ends. */
export interface StandIn {
  readonly url: string;
  readonly port: number;
  /** Requests so far. */
  readonly asked: () => number;
  /** Settles when as many more requests have been answered. */
  more(requests: number): Promise<void>;
  /** Goes away; gives back what brings it back on the same port. */
  leave(): Promise<() => Promise<void>>;
}

/** Answers requests. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers every request with a value as JSON. */
export function answering(value: () => unknown): Answer {
  return (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value()));
  };
}

/** Starts a server. */
export async function standIn(t: TestContext, answer: Answer): Promise<StandIn> {
  let asked = 0;
  let waiting: { left: number; done: () => void } | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked++;
    response.once("finish", () => {
      if (waiting !== null && --waiting.left === 0) waiting.done();
    });
    answer(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const listen = (port: number): Promise<void> =>
    new Promise((done, fail) => {
      server.once("error", fail);
      server.listen(port, "127.0.0.1", done);
    });
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  t.after(close);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked: () => asked,
    more: (requests) =>
      new Promise((done) => {
        waiting = { left: requests, done };
      }),
    leave: async () => {
      await close();
      return () => listen(port);
    },
  };
}
