// The other side of `streamsim fuzz --command`, for parsers in Node: a line in, a line out.
// The protocol is told in docs/reference/fuzz-protocol.md.

import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

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

/** Bytes that are held, and are no garbage: what is let go of late takes several rounds. */
async function held() {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  for (let round = 0; round < 3; round += 1) {
    await new Promise((done) => setImmediate(done));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Read the chunks so many times over, as one stream of which nothing is kept here; tell how much is held at its end. */
async function repeated(read, chunks, times) {
  let size = await held();
  async function* again() {
    for (let round = 0; round < times; round += 1) yield* chunks;
    size = (await held()) - size;
  }
  try {
    await read(again(), () => {});
    return { held: Math.max(0, size) };
  } catch (error) {
    return { error: String(error) };
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
    const { case: number, chunks, within, times } = JSON.parse(line);
    if (number === undefined) {
      say({ name, prompt, within: true, repeats: true });
      continue;
    }
    if (times) {
      say({ case: number, ...(await repeated(read, bytes(chunks), times)) });
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
