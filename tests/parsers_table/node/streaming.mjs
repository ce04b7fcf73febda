// Parsers that read a stream of the web, a response, or anything that gives chunks.

import { response, stream } from "../../../docs/examples/fuzz/node/feeding.mjs";

const named = (event) => event || "message";

export const streaming = {
  "@azure/core-sse": async ({ require }) => {
    const { createSseStream } = require("@azure/core-sse");
    return async (chunks, deliver) => {
      for await (const { data, event, id } of createSseStream(stream(chunks))) deliver({ data, type: named(event), id });
    };
  },

  "event-stream-parser": async ({ require }) => {
    globalThis.MessageEvent ??= class MessageEvent extends Event {
      constructor(type, init) {
        super(type);
        Object.assign(this, init);
      }
    };
    const { parse } = require("event-stream-parser");
    return async (chunks, deliver) => {
      for await (const { data, type, lastEventId } of await parse(stream(chunks))) deliver({ data, type, id: lastEventId });
    };
  },

  "fetch-event-stream": async ({ require }) => {
    const { events } = require("fetch-event-stream");
    return async (chunks, deliver) => {
      for await (const { data, event, id } of events(response(chunks))) {
        if (data !== undefined) deliver({ data, type: named(event), id: String(id ?? "") });
      }
    };
  },

  "parse-sse": async ({ import: load }) => {
    const { parseServerSentEvents } = await load("parse-sse/index.js");
    return async (chunks, deliver) => {
      for await (const { data, type, lastEventId } of parseServerSentEvents(response(chunks))) {
        deliver({ data, type, id: lastEventId });
      }
    };
  },

  "sse-decoder": async ({ require }) => {
    const { LineDecoder, SSEDecoder } = require("sse-decoder");
    return async (chunks, deliver) => {
      const [lines, events] = [new LineDecoder(), new SSEDecoder()];
      const take = (line) => {
        const found = events.decode(line);
        if (found) deliver({ data: found.data, type: named(found.event) });
      };
      for await (const chunk of chunks) lines.decode(chunk).forEach(take);
      lines.flush().forEach(take);
    };
  },
};
