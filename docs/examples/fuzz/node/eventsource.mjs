// The EventSource of the package eventsource, a client that wants a URL, given a `fetch` that answers without a network.
// It is looked for where you are: streamsim fuzz --command 'node docs/examples/fuzz/node/eventsource.mjs'

import { createRequire } from "node:module";
import { join } from "node:path";
import { fetchOnce } from "./feeding.mjs";
import { serve } from "./serve.mjs";

const require = createRequire(join(process.cwd(), "here.js"));
const { EventSource } = require("eventsource");
const { version } = require("eventsource/package.json");

async function read(chunks, deliver) {
  const { fetch, over } = fetchOnce(chunks);
  const source = new EventSource("http://example.test/", { fetch });
  source.dispatchEvent = ({ type, data, lastEventId }) => data !== undefined && deliver({ data, type, id: lastEventId });
  await over;
  source.close();
}

await serve(`eventsource ${version}`, read);
