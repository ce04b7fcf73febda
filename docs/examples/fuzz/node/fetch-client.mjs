// A client for `streamsim fuzz --client 'node docs/examples/fuzz/node/fetch-client.mjs {url}'`: Node's fetch and
// eventsource-parser, its events printed as JSON, a line each.

import { createRequire } from "node:module";
import { join } from "node:path";

const { createParser } = createRequire(join(process.cwd(), "here.js"))("eventsource-parser");
const print = ({ data, event, id }) => console.log(JSON.stringify({ data, type: event || "message", id: id ?? "" }));

const parser = createParser({ onEvent: print });
const response = await fetch(process.argv[2]);
for await (const text of response.body.pipeThrough(new TextDecoderStream())) parser.feed(text);
