// The other side of `streamsim fuzz --command`, for parsers in Node: a line in, a line out.
// The protocol is told in docs/reference/fuzz-protocol.md.

import { createInterface } from "node:readline";

const bytes = (chunks) => chunks.map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

/** Hand out chunks one by one; once `within.after` of them were taken, `meanwhile` is run before the next. */
async function* handedOut(chunks, log, within, meanwhile) {
  for (const chunk of [...chunks, undefined]) {
    if (within && log.given === within.after) await meanwhile();
    log.given += 1;
    if (chunk !== undefined) yield chunk;
  }
}

/** Read one stream with a fresh parser; whatever it throws is part of the answer. */
async function reading(read, prompt, chunks, within, meanwhile) {
  const log = { given: 0, events: [] };
  const deliver = (event) => log.events.push(prompt ? { ...event, after: log.given } : event);
  try {
    await read(handedOut(chunks, log, within, meanwhile), deliver);
    return { events: log.events };
  } catch (error) {
    return { events: log.events, error: `${error?.name ?? "Error"}: ${error?.message ?? error}` };
  }
}

/**
 * Answer cases until there are no more.
 *
 * `read(chunks, deliver)` makes a fresh parser, pulls its chunks (Uint8Array) from the async iterable `chunks`, and calls
 * `deliver({data, type, id, retry})` for each event, leaving out what the parser has no place for. Say `prompt: false`
 * where chunks are pulled ahead of what the parser does with them, as streams of the web do.
 */
export async function serve(name, read, { prompt = true } = {}) {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const { case: number, chunks, within } = JSON.parse(line);
    if (number === undefined) {
      say({ name, prompt, within: true });
      continue;
    }
    let inner;
    const meanwhile = async () => {
      inner = await reading(read, prompt, bytes(within.chunks));
    };
    const outer = await reading(read, prompt, bytes(chunks), within, meanwhile);
    say({ case: number, ...outer, inner });
  }
}
