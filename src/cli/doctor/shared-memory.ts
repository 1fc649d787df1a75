/**
 * What the memory layer needs: shared memory, waiting, WebAssembly; and what isolates a page.
 */
import type { HostAbilities } from "../../memory/index.js";
import { type Finding, fact, needed, there, useful } from "./finding.js";

/** What the largest pools (3 GiB of each kind) cannot need, because addresses have 32 bits. */
const FULL_BYTES = 2 ** 32;

function largest({ sharedBytesMax }: HostAbilities): Finding {
  const mebibytes = sharedBytesMax / 2 ** 20;
  const name = "Shared WebAssembly memory";
  if (sharedBytesMax === 0) return needed(name, false, "not there", "a system is one such memory");
  return useful(
    name,
    sharedBytesMax >= FULL_BYTES,
    `up to ${mebibytes} MiB`,
    sharedBytesMax >= FULL_BYTES
      ? "as much as addresses of 32 bits reach: pools may have any limits that the library takes"
      : "System.create with larger limits fails (ERR_MEMORY): something bounds the addresses of this process",
  );
}

/** Findings about memory. */
export function memoryFindings(abilities: HostAbilities): Finding[] {
  const { littleEndian, sharedArrayBuffer, atomics, wait, waitAsync, webAssembly } = abilities;
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  return [
    needed(
      "Byte order",
      littleEndian,
      littleEndian ? "little-endian" : "big-endian",
      "words are shared with WebAssembly, which is little-endian everywhere",
    ),
    needed(
      "SharedArrayBuffer",
      sharedArrayBuffer,
      there(sharedArrayBuffer),
      "bytes that all threads see at once; a page must be cross-origin isolated to have it",
    ),
    needed("Atomics", atomics, there(atomics), "how threads agree on who has a block"),
    useful(
      "Atomics.wait",
      wait,
      wait ? "this thread may block" : "this thread may not block",
      "sendBlocking, receiveBlocking and their kin; the main thread of a page may never block",
    ),
    useful(
      "Atomics.waitAsync",
      waitAsync,
      there(waitAsync),
      "how sendAsync waits; without it a timer asks again, up to 16 ms late",
    ),
    needed("WebAssembly", webAssembly, there(webAssembly), "makes the memory that systems live in"),
    needed(
      "WebAssembly threads",
      abilities.atomicInstructions,
      there(abilities.atomicInstructions),
      "atomic instructions: documented lists change their 64-bit heads with them",
    ),
    largest(abilities),
    fact(
      "WebAssembly SIMD",
      there(abilities.simd),
      "the library does not use it; guests compiled with it need it",
    ),
    fact(
      "Cross-origin isolation",
      crossOriginIsolated === undefined
        ? "no page"
        : crossOriginIsolated
          ? "isolated"
          : "not isolated",
      "in browsers shared memory needs the headers COOP same-origin and COEP require-corp; here nothing does",
    ),
  ];
}
