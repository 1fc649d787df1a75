/**
 * A handle to another thread, by channel and by message, without a block behind it.
 */
import {
  channelOneWay,
  channelRoundTrip,
  messageOneWay,
  messageRoundTrip,
} from "../contenders/channel.js";
import type { Scenario } from "../harness.js";

/** There and back, one at a time; and one way, many of them. */
export const channel: Scenario = {
  name: "channel",
  contenders: async () => [
    await channelRoundTrip(),
    await messageRoundTrip(),
    await channelOneWay(),
    await messageOneWay(),
  ],
};
