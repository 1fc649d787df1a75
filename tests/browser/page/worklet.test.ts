/**
 * A page and its AudioWorklet on one system: blocks go from the audio thread to the page without a copy and
 * without a message.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System, type ThreadIdentity } from "lookaside";
import { CHANNEL, type Given, LIST } from "../suites/synth.js";

const QUANTA = 40;
const QUANTUM_FRAMES = 128;

function newSystem(): System {
  return System.create({ nonPaged: "2 MiB", paged: "64 KiB", threads: 4 });
}

/** The next message of a port. */
function messageOf<Message>(port: MessagePort): Promise<Message> {
  return new Promise((resolve) => {
    port.onmessage = ({ data }: MessageEvent<Message>) => resolve(data);
  });
}

async function startSynth(
  system: System,
): Promise<{ context: OfflineAudioContext; node: AudioWorkletNode; identity: ThreadIdentity }> {
  const context = new OfflineAudioContext(1, QUANTUM_FRAMES * QUANTA * 2, 48_000);
  await context.audioWorklet.addModule(new URL("../suites/synth.worklet.js", import.meta.url));
  const processorOptions: Given = { ticket: system.ticket(), quanta: QUANTA };
  const node = new AudioWorkletNode(context, "synth", { processorOptions });
  node.connect(context.destination);
  return { context, node, identity: await messageOf<ThreadIdentity>(node.port) };
}

test("blocks that the audio thread fills arrive whole and in order", async () => {
  const system = newSystem();
  const list = system.blockList(LIST);
  const lane = list.through(system.channel(CHANNEL));
  const { context, node } = await startSynth(system);
  const rendering = context.startRendering();
  for (let quantum = 0; quantum < QUANTA; quantum++) {
    const block = await lane.receiveAsync();
    assert.ok(
      block?.bytes.every((byte) => byte === (quantum & 0xff)),
      `quantum ${quantum}`,
    );
    block?.free();
  }
  await rendering;
  node.port.postMessage("leave");
  assert.equal(await messageOf<string>(node.port), "left");
  assert.deepEqual([system.threads, list.statistics().held], [1, 0]);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

test("an audio thread holds no Web Lock: who knows that it has ended recovers it", async () => {
  const system = newSystem();
  const list = system.blockList(LIST);
  const lane = list.through(system.channel(CHANNEL));
  const { context, identity } = await startSynth(system);
  const watch = system.watchThreads({ periodMs: 0 });
  await navigator.locks.query();
  watch.look();
  assert.equal(watch.watched, 0);
  await context.startRendering(); // renders to its end: nothing of the processor runs any more
  for (let block = lane.receive(); block !== null; block = lane.receive()) block.free();
  const [report] = system.recoverEnded(identity);
  assert.equal(report?.thread, identity.thread);
  assert.deepEqual([system.threads, list.statistics().held], [1, 0]);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

test("a page may not block for its turn, and is told to await", () => {
  const system = newSystem();
  const channel = system.channel(CHANNEL);
  assert.throws(() => channel.popBlocking(), { code: "ERR_WAIT_FORBIDDEN" });
  assert.equal(channel.popBlocking(0), null);
  system.detach();
});
