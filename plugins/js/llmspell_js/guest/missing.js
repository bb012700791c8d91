// Tells what a spell has in place of what it named and what is not there.

(() => {
  const PAGE = "a spell has no page", INPUT = "what a spell is given is in params";
  const OUTSIDE = null;               // a bridge does that, and which ones there are is for the host to say
  const GLOBALS = {
    __proto__: null,
    Buffer: "bytes are a Uint8Array: new TextEncoder().encode(text)",
    DOMParser: "text.match(...), or await data.parse(text, 'xml')",
    FormData: "await fetch(url, { method: 'POST', body })",
    Temporal: "Date, and time",
    XMLHttpRequest: "await fetch(url)",
    __dirname: "files of the spell are found by require and import",
    __filename: "spell.context() tells the spell's name",
    alert: "print(text)",
    axios: "await fetch(url)",
    document: PAGE,
    global: "globalThis",
    localStorage: OUTSIDE,
    process: "params, console.write(text); return ends the spell, throw fails it",
    prompt: INPUT,
    self: "globalThis",
    sessionStorage: OUTSIDE,
    window: "globalThis; " + PAGE,
  };
  const MODULES = [
    [/^(?:axios|got|https?|node-fetch|request|superagent|undici)$/, "await fetch(url)"],
    [/^fs\b|^fs-extra$|openai|anthropic|langchain|^ai$|ollama|generative-ai|^(?:crypto|uuid|nanoid|dotenv|zod|ajv|joi)$/, OUTSIDE],
    [/^(?:process|readline|yargs|commander|minimist|inquirer|prompts)\b/, INPUT],
    [/^timers\b/, "setTimeout, and await sleep(seconds)"],
    [/^(?:yaml|js-yaml|papaparse|csv-parse|csv-parser|xml2js|toml)\b/, "await data.parse(text, 'yaml'), 'csv', 'xml' or 'toml'"],
    [/^(?:cheerio|jsdom)$/, GLOBALS.DOMParser],
    [/^(?:lodash|underscore|ramda)\b/, "core and data"],
    [/^(?:moment|dayjs|date-fns|luxon)\b/, "Date, and time"],
    [/^(?:assert|chai|jest|vitest|mocha)\b/, "testing"],
    [/^child_process$/, "a spell starts no programs"],
    [/^buffer$/, GLOBALS.Buffer],
    [/^url$/, "URL and URLSearchParams"],
    [/^path$/, "a path is text with / in it: [folder, name].join('/')"],
    [/^util$/, "structuredClone, TextEncoder, JSON.stringify"],
  ];
  const bridges = () => `the bridges do what lies outside of a spell: ${[...new Set([...named.keys()].map(bridgeName))].sort().join(", ")}`;
  const instead = cure => (cure === undefined ? "" : `; instead: ${cure ?? bridges()}`);
  return {
    global: message => instead(GLOBALS[/^(\S+) is not defined$/.exec(message)?.[1] ?? ""]),
    module: name => instead(MODULES.find(([form]) => form.test(name.replace(/^node:/, "")))?.[1]),
  };
})()
