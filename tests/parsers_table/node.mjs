// Parsers of Node packages, each made to read chunks: node node.mjs MODULES NAME.
// MODULES is the folder they are installed in; some are reached past what they export, since that is where they parse.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "../../docs/examples/fuzz/node/serve.mjs";

const [modules, name] = process.argv.slice(2);
const require = createRequire(join(modules, "here.js"));
const inside = (path) => join(modules, path);

const parsers = {
  "eventsource-parser": async () => {
    const { createParser } = require("eventsource-parser");
    return async (chunks, deliver) => {
      const decoder = new TextDecoder();
      const onEvent = ({ data, event, id }) => deliver({ data, type: event || "message", id: id ?? "" });
      const parser = createParser({ onEvent });
      for await (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
    };
  },

  "@microsoft/fetch-event-source": async () => {
    const { getLines, getMessages } = require(inside("@microsoft/fetch-event-source/lib/cjs/parse.js"));
    return async (chunks, deliver) => {
      const onMessage = ({ data, event, id }) => deliver({ data, type: event || "message", id });
      const feed = getLines(getMessages(() => {}, () => {}, onMessage));
      for await (const chunk of chunks) if (chunk.length) feed(chunk);
    };
  },

  undici: async () => {
    const { EventSourceStream } = require(inside("undici/lib/web/eventsource/eventsource-stream.js"));
    return async (chunks, deliver) => {
      const push = ({ type, options: { data, lastEventId } }) => deliver({ data, type, id: lastEventId ?? "" });
      const stream = new EventSourceStream({ eventSourceSettings: { lastEventId: "", origin: "" }, push });
      for await (const chunk of chunks) {
        await new Promise((done, fail) =>
          stream._transform(Buffer.from(chunk), "buffer", (error) => (error ? fail(error) : done())),
        );
      }
    };
  },

  openai: async () => sdk("openai/core/streaming.js"),
  "@anthropic-ai/sdk": async () => sdk("@anthropic-ai/sdk/core/streaming.js"),

  "fetch-event-stream": async () => {
    const { events } = require("fetch-event-stream");
    return async (chunks, deliver) => {
      for await (const { data, event, id } of events({ body: ReadableStream.from(chunks) })) {
        if (data !== undefined) deliver({ data, type: event || "message", id: String(id ?? "") });
      }
    };
  },

  "parse-sse": async () => {
    const { parseServerSentEvents } = await import(pathToFileURL(inside("parse-sse/index.js")));
    return async (chunks, deliver) => {
      const response = new Response(ReadableStream.from(chunks), { headers: { "content-type": "text/event-stream" } });
      for await (const { data, type, lastEventId } of parseServerSentEvents(response)) {
        deliver({ data, type, id: lastEventId });
      }
    };
  },
};

async function sdk(path) {
  const { _iterSSEMessages } = require(inside(path));
  return async (chunks, deliver) => {
    for await (const { data, event } of _iterSSEMessages({ body: chunks }, new AbortController())) {
      deliver({ data, type: event || "message" });
    }
  };
}

const prompt = !["fetch-event-stream", "parse-sse"].includes(name); // streams of the web pull ahead
await serve(name, await parsers[name](), { prompt });
