// Asks with one of the Node clients, once for each line of stdin; NODE_PATH holds the clients.
// A line in: {"api", "url", "limit_s", "timeout_s"}. A line out: what the client handed over, and how it ended.

const { createInterface } = require("node:readline");
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

const KEY = "sk-example-0123456789abcdef";
const MESSAGES = [{ role: "user", content: "What is on the menu?" }];
const PACKAGES = { "node-openai": "openai", "node-openai-6": "openai-6", "node-anthropic": "@anthropic-ai/sdk", "node-anthropic-helper": "@anthropic-ai/sdk" };

// What one thing that a client handed over says: text, finish reason, and what adds to tool calls: [which, name, arguments].
const choices = (chunk) => {
  const all = chunk?.choices ?? [];
  const calls = all.flatMap((choice) => choice?.delta?.tool_calls ?? []);
  return {
    text: all.map((choice) => choice?.delta?.content ?? "").join(""),
    finish: all.map((choice) => choice?.finish_reason).find(Boolean),
    calls: calls.map((call) => [call?.index, call?.function?.name, call?.function?.arguments]),
  };
};

const message = (event) => ({
  text: event?.type === "content_block_delta" ? event.delta?.text : "",
  finish: event?.type === "message_delta" ? event.delta?.stop_reason : undefined,
  calls: [
    ...(event?.content_block?.type === "tool_use" ? [[event.index, event.content_block.name, ""]] : []),
    ...(event?.delta?.type === "input_json_delta" ? [[event.index, "", event.delta.partial_json]] : []),
  ],
});

// The tool calls, those under one index as one.
const called = (said) => {
  const calls = new Map();
  for (const [key, name, told] of said.flatMap((one) => one.calls)) {
    const [before, grown] = calls.get(key) ?? ["", ""];
    calls.set(key, [before + (name ?? ""), grown + (told ?? "")]);
  }
  return [...calls.values()];
};

async function* openai(name, url, timeout) {
  const client = new (require(name).default)({ baseURL: `${url}/v1`, apiKey: KEY, timeout, logLevel: "off" });
  for await (const chunk of await client.chat.completions.create({ model: "m", messages: MESSAGES, stream: true }))
    yield choices(chunk);
}

const APIS = {
  "node-openai": (url, timeout) => openai("openai", url, timeout),
  "node-openai-6": (url, timeout) => openai("openai-6", url, timeout),
  async *"node-anthropic"(url, timeout) {
    const client = new (require("@anthropic-ai/sdk").default)({ baseURL: url, apiKey: KEY, timeout, logLevel: "off" });
    const request = { model: "m", max_tokens: 99, messages: MESSAGES, stream: true };
    for await (const event of await client.messages.create(request)) yield message(event);
  },
  async *"node-anthropic-helper"(url, timeout) {
    const client = new (require("@anthropic-ai/sdk").default)({ baseURL: url, apiKey: KEY, timeout, logLevel: "off" });
    const stream = client.messages.stream({ model: "m", max_tokens: 99, messages: MESSAGES });
    for await (const event of stream) yield { ...message(event), calls: [] };
    const blocks = (await stream.finalMessage()).content.filter((block) => block.type === "tool_use");
    yield { after: true, calls: blocks.map((block, key) => [key, block.name, JSON.stringify(block.input)]) };
  },
};

let unhandled = false;
process.on("unhandledRejection", () => (unhandled = true));

async function ask({ api, url, limit_s, timeout_s }) {
  const said = [];
  let error = null;
  let timer;
  let over = false;
  unhandled = false;
  const asking = (async () => {
    for await (const one of APIS[api](url, timeout_s * 1000)) if (!over) said.push(one);
  })().catch((reason) => over || (error = reason));
  const limit = new Promise((resolve) => (timer = setTimeout(resolve, limit_s * 1000, "hung")));
  const hung = (await Promise.race([asking, limit])) === "hung";
  over = true;
  clearTimeout(timer);
  return {
    events: said.filter((one) => !one.after).length,
    text: said.map((one) => one.text ?? "").join(""),
    finish: said.map((one) => one.finish).findLast(Boolean) ?? null,
    calls: called(said),
    hung,
    error: named(error),
    status: Number.isInteger(error?.status) ? error.status : null,
    unhandled,
  };
}

// The class of an error; undici says with its message alone that the connection broke.
function named(error) {
  if (error === null) return null;
  const name = error?.constructor?.name ?? typeof error;
  return name === "TypeError" && /^[a-z ]{1,20}$/.test(error.message) ? `${name}: ${error.message}` : name;
}

// Versions; a client that asks for a newer Node than this one is asked all the same, and it is said.
function about(api) {
  const main = require.resolve(PACKAGES[api]);
  const { version, engines } = JSON.parse(readFileSync(join(dirname(main), "package.json"), "utf8"));
  const least = Number(/^>=(\d+)/.exec(engines?.node ?? "")?.[1] ?? 0);
  const young = least > parseInt(process.versions.node) ? `, though it asks for ${least}` : "";
  return { version, transport: `undici ${process.versions.undici}`, runtime: `Node ${process.versions.node}${young}` };
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    const told = order.about ? about(order.api) : await ask(order);
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
  process.exit(0);
}

main();
