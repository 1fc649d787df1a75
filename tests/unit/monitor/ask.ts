/** Requests of any shape to a monitor, and systems small enough for unit tests. */
import { type IncomingMessage, request } from "node:http";
import { System } from "lookaside";
import { type Monitor, type MonitorOptions, serveMonitor } from "lookaside/monitor";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** How it is asked; the path may be any text. */
export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks a monitor, on a connection of its own, and reads the whole answer. */
export function ask({ port }: Monitor, path: string, question: Question = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body } = question;
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers, agent: false };
    const asked = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** Opens a stream and gives back the response, unread. */
export function openStream({ port }: Monitor, path = "/events"): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, agent: false }, resolve);
    asked.on("error", reject);
    asked.end();
  });
}

/** One event of a stream. */
export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
}

/** Events of a stream, one after the other. */
export async function* eventsOf(stream: IncomingMessage): AsyncGenerator<StreamEvent> {
  let text = "";
  stream.setEncoding("utf8");
  for await (const part of stream) {
    text += part as string;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const [name = "", data = ""] = event.split("\n");
      yield { name: name.replace("event: ", ""), data: JSON.parse(data.replace("data: ", "")) };
    }
  }
}

/** A system without a timer of its own. */
export function smallSystem(): System {
  return System.create({
    nonPaged: "1 MiB",
    paged: "1 MiB",
    threads: 4,
    depth: { periodMs: 0 },
  });
}

/** Runs `use` with a monitor of a small system, and takes both away again. */
export async function withMonitor(
  options: MonitorOptions,
  use: (monitor: Monitor, system: System) => Promise<void>,
): Promise<void> {
  const system = smallSystem();
  const monitor = await serveMonitor(system, { port: 0, ...options });
  try {
    await use(monitor, system);
  } finally {
    await monitor.close();
    system.detach();
  }
}
