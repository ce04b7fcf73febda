// Parsers that are fed: with bytes, or with text that is decoded as it comes.

const named = (event) => event || "message";

async function feedText(chunks, feed) {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) feed(decoder.decode(chunk, { stream: true }));
}

/** fetch-event-source and what was made of it. */
const linesAndMessages = ({ getLines, getMessages }, order = [0, 1, 2]) => async (chunks, deliver) => {
  const onMessage = ({ data, event, id }) => deliver({ data, type: named(event), id });
  const callbacks = [() => {}, () => {}, onMessage];
  const feed = getLines(getMessages(...order.map((place) => callbacks[place])));
  for await (const chunk of chunks) if (chunk.length) feed(chunk);
};

export const fed = {
  "eventsource-parser": async ({ require }) => {
    const { createParser } = require("eventsource-parser");
    return async (chunks, deliver) => {
      const onEvent = ({ data, event, id }) => deliver({ data, type: named(event), id: id ?? "" });
      const parser = createParser({ onEvent });
      await feedText(chunks, (text) => parser.feed(text));
    };
  },

  "@microsoft/fetch-event-source": async ({ inside }) =>
    linesAndMessages(inside("@microsoft/fetch-event-source/lib/cjs/parse.js")),
  "@ai-zen/node-fetch-event-source": async ({ inside }) =>
    linesAndMessages(inside("@ai-zen/node-fetch-event-source/lib/cjs/parse.js")),
  "@fortaine/fetch-event-source": async ({ require }) =>
    linesAndMessages(require("@fortaine/fetch-event-source/parse"), [2, 0, 1]),
  "@waylaidwanderer/fetch-event-source": async ({ require }) =>
    linesAndMessages(require("@waylaidwanderer/fetch-event-source/parse"), [2, 0, 1]),
  "@huggingface/inference": async ({ inside }) =>
    linesAndMessages(inside("@huggingface/inference/dist/commonjs/vendor/fetch-event-source/parse.js")),

  "@server-sent-stream/parser": async ({ require }) => {
    const module = require("@server-sent-stream/parser");
    const Parser = module.default ?? module;
    return async (chunks, deliver) => {
      const parser = new Parser((data, type, id) => deliver({ data, type, id }));
      await feedText(chunks, (text) => parser.push(text));
      parser.end();
    };
  },

  undici: async ({ inside }) => {
    const { EventSourceStream } = inside("undici/lib/web/eventsource/eventsource-stream.js");
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
};
