// eventsource-parser, fed as its documentation says: with text, decoded as it comes.
// It is looked for where you are: streamsim fuzz --command 'node docs/examples/fuzz/node/eventsource-parser.mjs'

import { createRequire } from "node:module";
import { join } from "node:path";
import { serve } from "./serve.mjs";

const require = createRequire(join(process.cwd(), "here.js"));
const { createParser } = require("eventsource-parser");
const { version } = require("eventsource-parser/package.json");

async function read(chunks, deliver) {
  const decoder = new TextDecoder();
  const onEvent = ({ data, event, id }) => deliver({ data, type: event || "message", id: id ?? "" });
  const parser = createParser({ onEvent });
  for await (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
}

await serve(`eventsource-parser ${version}`, read);
