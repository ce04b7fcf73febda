// Asks with the official OpenAI SDK for Node: argv is the base URL and the API; the request's JSON comes on stdin.
// Prints, as JSON, the content in the order it came and the tokens in and out.

const { readFileSync } = require("node:fs");
const OpenAI = require("openai").default;

const READ = {
  chat: (chunk) => [
    chunk.choices
      .flatMap(({ delta }) => [
        delta.content,
        ...(delta.tool_calls ?? []).flatMap((call) => [call.function?.name, call.function?.arguments]),
      ])
      .join(""),
    chunk.usage && [chunk.usage.prompt_tokens, chunk.usage.completion_tokens],
  ],
  completions: (chunk) => [
    chunk.choices.map((choice) => choice.text).join(""),
    chunk.usage && [chunk.usage.prompt_tokens, chunk.usage.completion_tokens],
  ],
  responses: (event) => [
    event.type === "response.output_text.delta" ? event.delta : "",
    event.response?.usage && [event.response.usage.input_tokens, event.response.usage.output_tokens],
  ],
};

async function main() {
  const [baseURL, api] = process.argv.slice(2);
  const client = new OpenAI({ baseURL, apiKey: "sk-example-0123456789abcdef", maxRetries: 0, timeout: 20_000 });
  const resource = { chat: client.chat.completions, completions: client.completions, responses: client.responses }[api];
  let content = "";
  let usage = null;
  for await (const chunk of await resource.create(JSON.parse(readFileSync(0, "utf8")))) {
    const [text, counted] = READ[api](chunk);
    content += text;
    usage = counted ?? usage;
  }
  console.log(JSON.stringify({ content, usage }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
