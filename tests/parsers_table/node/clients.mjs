// Clients that want a URL: those of Node are given a `fetch` or an agent that answers without a network, those of browsers a
// request that does.

import { agentEverywhere, agentOnce, answering, fetchOnce, Request, request } from "../../../docs/examples/fuzz/node/feeding.mjs";

const URL = "http://example.test/";

/** Deliver what a client dispatches, whatever its type; what it tells of its connection has no data. */
function caught(source, method, deliver) {
  source[method] = (first, second) => {
    const event = second ?? first ?? {};
    if ("lastEventId" in event) deliver({ data: String(event.data), type: event.type, id: event.lastEventId ?? "" });
    return true;
  };
}

const fetching = (EventSource) => async (chunks, deliver) => {
  const { fetch, over } = fetchOnce(chunks);
  const source = new EventSource(URL, { fetch });
  caught(source, "dispatchEvent", deliver);
  await over;
  source.close();
};

const byAgent = (EventSource) => async (chunks, deliver) => {
  const { agent, over } = agentOnce(chunks);
  const source = new EventSource(URL, { agent });
  caught(source, "emit", deliver);
  await over;
  source.close();
};

/** A browser's client. */
const browsing = (make, method) => async (chunks, deliver) => {
  const over = request(chunks);
  const source = make();
  caught(source, method, deliver);
  try {
    await over;
  } finally {
    source.close();
  }
};

export const clients = {
  eventsource: async ({ require }) => fetching(require("eventsource").EventSource),
  "@c4312/eventsource-umd": async ({ require }) => fetching(require("@c4312/eventsource-umd").EventSource),
  "extended-eventsource": async ({ require }) => fetching(require("extended-eventsource").EventSource),
  "launchdarkly-eventsource": async ({ require }) => byAgent(require("launchdarkly-eventsource").EventSource),

  "@heroku/eventsource": async ({ require }) => {
    const EventSource = require("@heroku/eventsource");
    return async (chunks, deliver) => {
      const over = agentEverywhere(chunks);
      const source = new EventSource(URL);
      source.listeners = () => [deliver]; // it emits only what is listened to
      caught(source, "emit", deliver);
      await over;
      source.close();
    };
  },

  "@sentool/fetch-event-source": async ({ require }) => {
    const { fetchEventSource } = require("@sentool/fetch-event-source");
    return async (chunks, deliver) => {
      answering(chunks);
      const onmessage = ({ data, event, id }) =>
        deliver({ data: data ?? "", type: String(event ?? "message"), id: String(id ?? "") });
      await fetchEventSource(URL, { onmessage, parseJson: false });
    };
  },

  "fetch-sse": async ({ require }) => {
    const { fetchEventData } = require("fetch-sse");
    return async (chunks, deliver) => {
      answering(chunks);
      const onMessage = (event) => event && deliver({ data: event.data, type: event.event || "message" });
      await fetchEventData(URL, { onMessage });
    };
  },

  "eventsource-client": async ({ require }) => {
    const { createEventSource } = require("eventsource-client");
    return async (chunks, deliver) => {
      const { fetch, over } = fetchOnce(chunks);
      const onMessage = ({ data, event, id }) => deliver({ data, type: event || "message", id: id ?? "" });
      const source = createEventSource({ url: URL, fetch, onMessage });
      await over;
      source.close();
    };
  },

  "event-source-plus": async ({ require }) => {
    const { EventSourcePlus } = require("event-source-plus");
    return async (chunks, deliver) => {
      const { fetch, over } = fetchOnce(chunks);
      const onMessage = ({ data, event, id }) => deliver({ data, type: event, id: id ?? "" });
      const source = new EventSourcePlus(URL, { fetch, retryStrategy: "on-error" }).listen({ onMessage });
      await over;
      source.abort();
    };
  },

  "event-source-polyfill": async ({ require }) => {
    const { EventSourcePolyfill } = require("event-source-polyfill");
    return async (chunks, deliver) => {
      const over = answering(chunks);
      const source = new EventSourcePolyfill(URL);
      caught(source, "dispatchEvent", deliver);
      await over;
      source.close();
    };
  },

  "sse.js": async ({ import: load }) => {
    globalThis.XMLHttpRequest = Request;
    const { SSE } = await load("sse.js/lib/sse.js");
    return browsing(() => new SSE(URL, { autoReconnect: false }), "dispatchEvent");
  },

  "eventsource-polyfill": async ({ inside }) => {
    Object.assign(globalThis, { EventSource: undefined, XMLHttpRequest: Request, window: globalThis });
    globalThis.location = { origin: URL };
    const { EventSource } = inside("eventsource-polyfill/dist/eventsource.js");
    return browsing(() => new EventSource(URL, { silentTimeout: 0, bufferSizeLimit: 2 ** 30 }), "dispatchEvent");
  },

  "react-native-sse": async ({ import: load }) => {
    globalThis.XMLHttpRequest = Request;
    const { default: EventSource } = await load("react-native-sse/src/EventSource.js");
    return browsing(() => new EventSource(URL, { timeoutBeforeConnection: 0, pollingInterval: 0 }), "dispatch");
  },
};
