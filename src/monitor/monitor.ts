/**
 * A monitor: an HTTP server over one thread's system, for people (a page), programs (JSON) and Prometheus.
 *
 * It reads snapshots and nothing else; no request changes anything. It lives in the thread that started it,
 * and ends with that thread's system.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { LookasideError, show } from "../base/index.js";
import type { System } from "../system/index.js";
import { answer } from "./answers.js";
import { EventStream, eventText } from "./event-stream.js";
import { bracketed, HostNames, isLoopback } from "./host-names.js";
import { type CompleteOptions, completeOptions, type MonitorOptions } from "./options.js";
import { TokenGate } from "./token-gate.js";
import { Watcher } from "./watcher.js";

const CONNECTIONS_MAX = 128;

/** A monitor that is served. */
export interface Monitor {
  /** Where to look, without the token: `http://127.0.0.1:4470/`. */
  readonly url: string;
  /** The port it listens on. */
  readonly port: number;
  /** Streams that are open now. */
  readonly watchers: number;
  /** Ends all streams and connections, and the server. May be called twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

function demandSystem(system: unknown): asserts system is System {
  const { snapshot, observe, whenDetached } = (system ?? {}) as Partial<System>;
  if ([snapshot, observe, whenDetached].every((part) => typeof part === "function")) return;
  const message = `Cannot serve a monitor of ${show(system)}: it must be a System`;
  throw new LookasideError("ERR_ARGUMENT", message);
}

/** Listens, or tells why it cannot. @throws {LookasideError} ERR_LISTEN */
function listen(server: Server, { host, port }: CompleteOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      const where = `${bracketed(host)}:${port}`;
      const message = `Cannot serve a monitor on ${where}: the host refused it (${cause.message})`;
      reject(new LookasideError("ERR_LISTEN", message, { cause }));
    };
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve(server.address() as AddressInfo);
    });
  });
}

class ServedMonitor implements Monitor {
  readonly url: string;
  readonly port: number;
  readonly #server: Server;
  readonly #watcher: Watcher;
  readonly #stream: EventStream;
  readonly #forget: () => void;
  #closed: Promise<void> | null = null;

  constructor(system: System, server: Server, port: number, options: CompleteOptions) {
    const { host, token, hostNames, title, periodMs } = options;
    this.port = port;
    this.url = `http://${bracketed(host)}:${port}/`;
    this.#server = server;
    this.#watcher = new Watcher(system, title, periodMs);
    this.#stream = new EventStream(periodMs, this.#watcher);
    const names = new HostNames(host, hostNames);
    const parts = { system, names, gate: new TokenGate(token, port), stream: this.#stream };
    server.on("request", (request, response) => answer(parts, request, response));
    this.#forget = system.whenDetached(() => void this.close());
  }

  get watchers(): number {
    return this.#stream.clients;
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#forget();
      this.#watcher.close();
      this.#stream.close(eventText("end", null));
      this.#server.close(() => resolve());
      // What was just said goes out first; a connection that does not take it is cut.
      setImmediate(() => this.#server.closeAllConnections());
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Serves a live page over a system, from the calling thread: lists, charts, pools, threads, the memory's runs
 * and what happens. Besides `/` there are `/metrics` (Prometheus), `/snapshot.json` (`?blocks=1` with all
 * runs, `?list=<id>` with one list) and `/events` (server-sent events).
 *
 * On loopback only, unless `host` says otherwise, and then with a `token`. Nothing can be changed through
 * it. While nobody watches it costs nothing; while somebody does, one snapshot a period of this
 * thread's time (a few microseconds for each list), whatever the number of watchers. It closes
 * when the thread detaches from the system.
 *
 * @example
 * ```ts
 * const system = System.create();
 * await using monitor = await serveMonitor(system, { port: 0 });
 * console.log(monitor.url); // open it in a browser
 * ```
 * @throws {LookasideError} ERR_ARGUMENT when it is no system; ERR_OPTION; ERR_LISTEN when the port is taken
 * or the host refuses the address
 */
export async function serveMonitor(system: System, options: MonitorOptions = {}): Promise<Monitor> {
  demandSystem(system);
  const complete = completeOptions(options);
  const server = createServer({ maxHeaderSize: 16_384 });
  server.maxConnections = CONNECTIONS_MAX;
  if (complete.unref) {
    server.unref();
    server.on("connection", (socket: Socket) => socket.unref());
  }
  const { address, port } = await listen(server, complete);
  if (complete.token === null && !isLoopback(address)) {
    server.close();
    const message = `Cannot listen on ${show(complete.host)} without a token: here it is ${address}`;
    throw new LookasideError("ERR_OPTION", message);
  }
  return new ServedMonitor(system, server, port, complete);
}
