// Parsers of Node packages, each made to read chunks: node main.mjs MODULES NAME.
// MODULES is the folder they are installed in; some are reached past what they export, since that is where they parse.

import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "../../../docs/examples/fuzz/node/serve.mjs";
import { clients } from "./clients.mjs";
import { fed } from "./fed.mjs";
import { sdks } from "./sdks.mjs";
import { streaming } from "./streaming.mjs";

const [modules, name] = process.argv.slice(2);
const require = createRequire(join(modules, "here.js"));

const packages = {
  /** What a package exports, or a file inside it. */
  require: (path) => require(path),
  /** A file past what a package exports. */
  inside: (path) => require(join(modules, path)),
  /** The same, of a module. */
  import: (path) => import(pathToFileURL(join(modules, path))),
};

console.log = console.warn = console.error = () => {}; // some tell what they do, on the line that answers need
const parsers = { ...fed, ...streaming, ...clients, ...sdks };
await serve(name, await parsers[name](packages));
