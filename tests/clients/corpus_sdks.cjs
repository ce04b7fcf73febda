// Asks with the official SDKs for Node, once for each line of stdin: {"dialect", "base"}; NODE_PATH holds the SDKs.
// A line out: {"heard"} with the texts, tool calls, reasons and usage of the answer, or {"error"} with the message.

const { createInterface } = require("node:readline");

const KEY = "sk-example-0123456789abcdef";
const MESSAGES = [{ role: "user", content: "Hi" }];
const OPTIONS = { apiKey: KEY, maxRetries: 0, timeout: 20_000, logLevel: "off" };

const nothing = () => ({ text: {}, reasoning: {}, refusal: {}, calls: {}, stops: {}, usage: [null, null] });

function add(to, index, text) {
  if (text) to[index] = (to[index] ?? "") + text;
}

async function chat(client) {
  const heard = nothing();
  const calls = {};
  for await (const chunk of await client.chat.completions.create({ model: "m", messages: MESSAGES, stream: true })) {
    for (const { index, delta, finish_reason } of chunk.choices ?? []) {
      add(heard.text, index, delta.content);
      add(heard.reasoning, index, delta.reasoning_content || delta.reasoning);
      add(heard.refusal, index, delta.refusal);
      for (const call of delta.tool_calls ?? []) {
        const found = (calls[index] ??= new Map());
        const key = call.index ?? call.id;
        if (!found.has(key)) found.set(key, ["", "", ""]);
        const one = found.get(key);
        one[0] ||= call.id ?? "";
        one[1] ||= call.function?.name ?? "";
        one[2] += call.function?.arguments ?? "";
      }
      if (finish_reason) heard.stops[index] = finish_reason;
    }
    const usage = chunk.usage ?? chunk.x_groq?.usage;
    if (usage) heard.usage = [usage.prompt_tokens, usage.completion_tokens];
  }
  for (const [index, found] of Object.entries(calls)) heard.calls[index] = [...found.values()];
  return heard;
}

async function completions(client) {
  const heard = nothing();
  for await (const chunk of await client.completions.create({ model: "m", prompt: "Hi", stream: true })) {
    for (const { index, text, finish_reason } of chunk.choices) {
      add(heard.text, index ?? 0, text);
      if (finish_reason) heard.stops[index ?? 0] = finish_reason;
    }
    if (chunk.usage) heard.usage = [chunk.usage.prompt_tokens, chunk.usage.completion_tokens];
  }
  return heard;
}

const CALLS = {
  function_call: (item) => [item.call_id, item.name, item.arguments],
  custom_tool_call: (item) => [item.call_id, item.name, item.input],
  mcp_call: (item) => [item.id, item.name, item.arguments],
  code_interpreter_call: (item) => [item.id, "code_interpreter", item.code],
};

async function responses(client) {
  const heard = nothing();
  let last;
  for await (const event of await client.responses.create({ model: "m", input: "Hi", stream: true }))
    if (["response.completed", "response.incomplete", "response.failed"].includes(event.type)) last = event.response;
  for (const item of last.output) {
    if (item.type === "message")
      for (const part of item.content) {
        add(heard.text, 0, part.text);
        add(heard.refusal, 0, part.refusal);
      }
    if (item.type === "reasoning")
      for (const part of item.summary?.length ? item.summary : (item.content ?? [])) add(heard.reasoning, 0, part.text);
    if (item.type in CALLS) (heard.calls[0] ??= []).push(CALLS[item.type](item));
  }
  heard.stops[0] = last.incomplete_details?.reason ?? last.status;
  if (last.usage) heard.usage = [last.usage.input_tokens, last.usage.output_tokens];
  return heard;
}

async function messages(client) {
  const heard = nothing();
  const answer = await client.messages.stream({ model: "m", max_tokens: 9, messages: MESSAGES }).finalMessage();
  for (const block of answer.content) {
    if (block.type === "text") add(heard.text, 0, block.text);
    if (block.type === "thinking") add(heard.reasoning, 0, block.thinking);
    if (["tool_use", "server_tool_use", "mcp_tool_use"].includes(block.type))
      (heard.calls[0] ??= []).push([block.id, block.name, block.input]);
  }
  if (answer.stop_reason) heard.stops[0] = answer.stop_reason;
  heard.usage = [answer.usage.input_tokens, answer.usage.output_tokens];
  return heard;
}

function asked({ dialect, base }) {
  if (dialect === "anthropic") return messages(new (require("@anthropic-ai/sdk").default)({ ...OPTIONS, baseURL: base }));
  const client = new (require("openai").default)({ ...OPTIONS, baseURL: `${base}/v1` });
  return ({ "openai-completions": completions, "openai-responses": responses }[dialect] ?? chat)(client);
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const told = await asked(JSON.parse(line)).then(
      (heard) => ({ heard }),
      (error) => ({ error: String(error?.message ?? error) }),
    );
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }
}

main();
