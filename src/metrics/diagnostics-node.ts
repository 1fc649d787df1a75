/**
 * Events of a system on Node's diagnostics channels, for tracers and profilers that know nothing of the
 * program: `lookaside:miss`, `lookaside:overflow`, `lookaside:depth`, `lookaside:recovery`,
 * `lookaside:error`. Messages are the events of `system.observe`.
 *
 * Only slow paths tell events. Without a subscriber a message costs a look at a flag and one small object;
 * hits cost nothing in any case.
 */
import { LookasideError, OBSERVED, type ObserverHooks } from "../base/index.js";
import type { System } from "../system/index.js";

interface ChannelLike {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

interface Host {
  readonly process?: {
    getBuiltinModule?(name: string): { channel?(name: string): ChannelLike } | undefined;
  };
}

/** Names of the channels, by the hooks of `system.observe`. */
export const DIAGNOSTICS_CHANNELS = {
  miss: "lookaside:miss",
  overflow: "lookaside:overflow",
  depth: "lookaside:depth",
  recovery: "lookaside:recovery",
  error: "lookaside:error",
} as const satisfies Record<(typeof OBSERVED)[number], string>;

/**
 * Publishes what this thread's system does on the diagnostics channels of the host. Gives back what ends it.
 *
 * @example
 * ```ts
 * import { subscribe } from "node:diagnostics_channel";
 * const system = System.create();
 * publishDiagnostics(system);
 * subscribe("lookaside:miss", (miss) => console.log(miss)); // { list, tag, thread, served }
 * system.blockList({ tag: "Fram", size: 1_536 }).allocate();
 * system.detach();
 * ```
 * @throws {LookasideError} ERR_UNSUPPORTED where the host has no diagnostics channels: use `system.observe`
 */
export function publishDiagnostics(system: System): () => void {
  const host = globalThis as Host;
  const diagnostics = host.process?.getBuiltinModule?.("node:diagnostics_channel");
  if (typeof diagnostics?.channel !== "function") {
    const message = "Cannot publish diagnostics: this host has no diagnostics channels";
    throw new LookasideError("ERR_UNSUPPORTED", message);
  }
  const hooks: Record<string, (event: unknown) => void> = {};
  for (const name of OBSERVED) {
    const channel = diagnostics.channel(DIAGNOSTICS_CHANNELS[name]);
    hooks[name] = (event) => {
      if (channel.hasSubscribers) channel.publish(event);
    };
  }
  return system.observe(hooks as ObserverHooks);
}
