// node:http with absolute deadlines, written as well as one can: node node_http.mjs PORT GAP_MS FILE
//
// Every stream keeps one timer, armed for its next deadline; what has become due meanwhile goes out with it. Node rounds
// timers to whole milliseconds, up or down, so the clock is asked again before anything is written.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, gap, file] = process.argv.slice(2);
const gapMs = Number(gap);
const events = readFileSync(file, "utf8").split(/(?<=\n\n)/).map((text) => Buffer.from(text));
const head = { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" };

function play(response) {
  const asked = performance.now();
  let next = 0;
  let timer;
  response.on("close", () => clearTimeout(timer));
  response.writeHead(200, head);
  const go = () => {
    const now = performance.now();
    while (next < events.length && asked + next * gapMs <= now) response.write(events[next++]);
    if (next === events.length) response.end();
    else timer = setTimeout(go, Math.max(1, Math.ceil(asked + next * gapMs - performance.now())));
  };
  go();
}

const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (request, response) => {
  request.resume();
  request.on("end", () => play(response));
});
server.listen(Number(port), "127.0.0.1", 4096);
