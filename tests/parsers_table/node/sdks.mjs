// The readers inside vendors' SDKs. Those that decode JSON are given it: of which form, the policy in nodes.py says.

import { answering, fetchOnce, response, stream } from "../../../docs/examples/fuzz/node/feeding.mjs";

const named = (event) => event || "message";

const stainless = (path) => async ({ inside }) => {
  const { _iterSSEMessages } = inside(path);
  return async (chunks, deliver) => {
    for await (const { data, event } of _iterSSEMessages({ body: chunks }, new AbortController())) {
      deliver({ data, type: named(event) });
    }
  };
};

const speakeasy = (path) => async ({ import: load }) => {
  const { EventStream } = await load(path);
  return async (chunks, deliver) => {
    const parse = (value) => ({ done: false, value });
    for await (const { data, event, id } of new EventStream(stream(chunks), parse)) {
      deliver({ data, type: named(event), id: id ?? "" });
    }
  };
};

export const sdks = {
  openai: stainless("openai/core/streaming.js"),
  "@anthropic-ai/sdk": stainless("@anthropic-ai/sdk/core/streaming.js"),
  "groq-sdk": stainless("groq-sdk/core/streaming.js"),
  "together-ai": stainless("together-ai/core/streaming.js"),
  "@mistralai/mistralai": speakeasy("@mistralai/mistralai/esm/lib/event-streams.js"),
  "@openrouter/sdk": speakeasy("@openrouter/sdk/esm/lib/event-streams.js"),

  "@ai-sdk/provider-utils": async ({ require }) => {
    const { jsonSchema, parseJsonEventStream } = require("@ai-sdk/provider-utils");
    return async (chunks, deliver) => {
      const results = parseJsonEventStream({ stream: stream(chunks), schema: jsonSchema({}) });
      for await (const result of results) {
        if (!result.success) throw result.error;
        deliver({ data: result.value.text });
      }
    };
  },

  "@coze/api": async ({ require }) => {
    const { CozeAPI } = require("@coze/api");
    return async (chunks, deliver) => {
      const axiosInstance = async () => ({ data: stream(chunks), headers: {} });
      const client = new CozeAPI({ token: "none", baseURL: "http://example.test", axiosInstance });
      for await (const { data, event, id } of await client.post("/", {}, true)) {
        deliver({ data, type: named(event), id: id ?? "" });
      }
    };
  },

  "@google/genai": async ({ require }) => {
    const { GoogleGenAI } = require("@google/genai");
    const { apiClient } = new GoogleGenAI({ apiKey: "none" });
    return async (chunks, deliver) => {
      for await (const part of apiClient.processStreamResponse(response(chunks))) {
        deliver({ data: (await part.json()).text });
      }
    };
  },

  "@google/generative-ai": async ({ require }) => {
    const { GoogleGenerativeAI } = require("@google/generative-ai");
    const model = new GoogleGenerativeAI("none").getGenerativeModel({ model: "m" });
    return async (chunks, deliver) => {
      answering(chunks);
      const result = await model.generateContentStream("a");
      result.response.catch(() => {});
      for await (const part of result.stream) deliver({ data: part.text() });
    };
  },

  "@langchain/core": async ({ require }) => {
    const { convertEventStreamToIterableReadableDataStream } = require("@langchain/core/utils/event_source_parse");
    return async (chunks, deliver) => {
      for await (const data of convertEventStreamToIterableReadableDataStream(stream(chunks))) deliver({ data });
    };
  },

  "@langchain/langgraph-sdk": async ({ inside }) => {
    const { BytesLineDecoder, SSEDecoder, isSSEControlPart } = inside("@langchain/langgraph-sdk/dist/utils/sse.cjs");
    return async (chunks, deliver) => {
      for await (const part of stream(chunks).pipeThrough(BytesLineDecoder()).pipeThrough(SSEDecoder())) {
        if (isSSEControlPart(part)) continue;
        deliver({ data: part.data?.text ?? "null", type: named(part.event), id: part.id ?? "" });
      }
    };
  },

  "@upstash/qstash": async ({ require }) => {
    const { Client } = require("@upstash/qstash");
    const { http } = new Client({ token: "none", baseUrl: "http://example.test", enableTelemetry: false });
    return async (chunks, deliver) => {
      answering(chunks);
      for await (const { text } of http.requestStream({ path: ["a"], method: "POST" })) deliver({ data: text });
    };
  },

  "cohere-ai": async ({ inside }) => {
    const { Stream } = inside("cohere-ai/core/stream/Stream.js");
    const eventShape = { type: "sse", streamTerminator: "[DONE]" };
    return async (chunks, deliver) => {
      const messages = new Stream({ stream: stream(chunks), parse: async (value) => value, eventShape });
      for await (const { text } of messages) deliver({ data: text });
    };
  },

  ollama: async ({ require }) => {
    const { Ollama } = require("ollama");
    return async (chunks, deliver) => {
      const { fetch } = fetchOnce(chunks);
      const parts = await new Ollama({ fetch }).generate({ model: "m", prompt: "a", stream: true });
      try {
        for await (const part of parts) deliver({ data: part.response });
      } catch (error) {
        if (!error.message.includes("done or success")) throw error; // no part said that it was the last
      }
    };
  },

  replicate: async ({ inside }) => {
    const { createReadableStream } = inside("replicate/lib/stream.js");
    return async (chunks, deliver) => {
      const { fetch } = fetchOnce(chunks);
      for await (const { data, event, id } of createReadableStream({ url: "http://example.test/", fetch })) {
        deliver({ data, type: named(event), id: id ?? "" });
      }
    };
  },
};
