// How chunks are fed to what takes no chunks: as a stream of the web, as a response, over HTTP without a network, as what a
// browser's request shows. The next chunk is asked for only when all that came before was worked off, so that it is known
// which chunk an event came with.

import http, { Agent } from "node:http";
import { Duplex } from "node:stream";

const TYPE = "text/event-stream";

/** Wait until all that is going on came to rest. */
export const rest = async () => {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((done) => setImmediate(done));
};

async function* slowly(chunks) {
  for await (const chunk of chunks) {
    yield chunk;
    await rest();
  }
}

/** A stream of the web, with nothing read ahead. */
export function stream(chunks) {
  const iterator = slowly(chunks);
  const pull = async (controller) => {
    const { done, value } = await iterator.next();
    if (done) controller.close();
    else controller.enqueue(value);
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/** What `fetch` gives. */
export function response(chunks) {
  return new Response(stream(chunks), { headers: { "content-type": TYPE } });
}

let everywhere;
globalThis.fetch = (...asked) => everywhere(...asked);

/** Have the one `fetch` that all share answer with `chunks`; what is returned is kept when that was read to its end. */
export function answering(chunks) {
  const { fetch, over } = fetchOnce(chunks);
  everywhere = fetch;
  return over;
}

/** A `fetch` that answers once; `over` is kept when the answer was read to its end. */
export function fetchOnce(chunks) {
  let end;
  const over = new Promise((done) => {
    end = done;
  });
  async function* watched() {
    yield* chunks;
    await rest();
    end();
  }
  let answers = [response(watched())];
  const fetch = async () => answers.pop() ?? new Response(null, { status: 204 });
  return { fetch, over: over.then(rest) };
}

/** A connection without a network, that answers any request with one HTTP chunk for each chunk. */
class Wire extends Duplex {
  constructor(chunks, end) {
    super();
    this.answering = { chunks, end };
  }

  _read() {}

  _write(_chunk, _encoding, done) {
    done();
    const { chunks, end } = this.answering ?? {};
    this.answering = undefined;
    if (chunks) this.answer(chunks).then(end);
  }

  async answer(chunks) {
    this.push(`HTTP/1.1 200 OK\r\ncontent-type: ${TYPE}\r\ntransfer-encoding: chunked\r\n\r\n`);
    for await (const chunk of chunks) {
      if (!chunk.length) continue; // in HTTP that would be the end
      this.push(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]));
      await rest();
    }
    this.push("0\r\n\r\n");
    await rest();
  }

  setKeepAlive() {}
  setNoDelay() {}
  setTimeout() {}
  ref() {}
  unref() {}
}

/** An agent for Node's own HTTP client; `over` is kept when the answer was read to its end. */
export function agentOnce(chunks) {
  const agent = new Agent();
  const over = new Promise((end) => {
    agent.createConnection = () => new Wire(chunks, end);
  });
  return { agent, over };
}

/** The same for clients that are given no agent. */
export function agentEverywhere(chunks) {
  const { agent, over } = agentOnce(chunks);
  http.globalAgent = agent;
  return over;
}

/** What stands for a browser's XMLHttpRequest: its text grows as chunks come, decoded as a browser does. */
export class Request extends EventTarget {
  static UNSENT = 0;
  static OPENED = 1;
  static HEADERS_RECEIVED = 2;
  static LOADING = 3;
  static DONE = 4;
  /** The chunks of the next one that is made. */
  static next;

  readyState = 0;
  status = 0;
  responseText = "";

  open() {
    this.readyState = Request.OPENED;
  }

  setRequestHeader() {}
  abort() {}

  getAllResponseHeaders() {
    return `content-type: ${TYPE}\r\n`;
  }

  send() {
    const { chunks, end } = Request.next;
    this.receive(chunks).then(end, end);
  }

  async receive(chunks) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    this.status = 200;
    this.become(Request.HEADERS_RECEIVED);
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true });
      if (!text) continue;
      this.responseText += text;
      this.become(Request.LOADING);
      this.tell("progress");
      await rest();
    }
    this.become(Request.DONE);
    this.tell("load");
  }

  become(state) {
    this.readyState = state;
    this.tell("readystatechange");
  }

  tell(type) {
    const event = new Event(type);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}

/** Have the next request of a browser's client read `chunks`; what is returned is kept when it did. */
export function request(chunks) {
  return new Promise((done, fail) => {
    Request.next = { chunks, end: (error) => (error ? fail(error) : done()) };
  });
}
