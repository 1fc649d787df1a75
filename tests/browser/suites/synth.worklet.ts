/**
 * An AudioWorklet for `worklet.test.ts`: for each quantum it is asked to render it takes a block, fills it,
 * and sends it through a channel.
 */
import { type BlockChannel, type BlockList, System } from "lookaside";
import { CHANNEL, type Given, LIST } from "./synth.js";

declare function registerProcessor(name: string, processor: unknown): void;
declare const AudioWorkletProcessor: abstract new () => { readonly port: MessagePort };

class Synth extends AudioWorkletProcessor {
  readonly #system: System;
  readonly #list: BlockList;
  readonly #lane: BlockChannel;
  readonly #quanta: number;
  #done = 0;

  constructor({ processorOptions }: { readonly processorOptions: Given }) {
    super();
    this.#system = System.attach(processorOptions.ticket);
    this.#list = this.#system.blockList(LIST);
    this.#lane = this.#list.through(this.#system.channel(CHANNEL));
    this.#quanta = processorOptions.quanta;
    this.port.onmessage = () => {
      this.#system.detach();
      this.port.postMessage("left");
    };
    this.port.postMessage(this.#system.identity);
  }

  process(): boolean {
    if (this.#done === this.#quanta) return true;
    const block = this.#list.allocate();
    if (block === null) return true;
    block.bytes.fill(this.#done & 0xff);
    if (this.#lane.send(block)) this.#done++;
    else block.free();
    return true;
  }
}

registerProcessor("synth", Synth);
