// Tells what a spell has in place of what it named and what is not there.

(() => {
  const PAGE = "a spell has no page", INPUT = "what a spell is given is in params";
  const GLOBALS = {
    __proto__: null,
    Buffer: "bytes are a Uint8Array: new TextEncoder().encode(text), await crypto.base64Encode(text)",
    DOMParser: "text.match(...), or await data.parse(text, 'xml')",
    FormData: "await http.post(url, { body })",
    Temporal: "Date, and time",
    XMLHttpRequest: "await fetch(url)",
    __dirname: "await fs.read(path) reads what the caller granted",
    __filename: "spell.context() tells the spell's name",
    alert: "print(text)",
    axios: "await http.get(url)",
    document: PAGE,
    global: "globalThis",
    localStorage: "await state.get(key), await state.set(key, value)",
    process: "params, await env.get(name), console.write(text); return ends the spell, throw fails it",
    prompt: INPUT,
    self: "globalThis",
    sessionStorage: "await state.get(key), await state.set(key, value)",
    window: "globalThis; " + PAGE,
  };
  const MODULES = [
    [/^fs\b|^fs-extra$/, "await fs.read(path), await fs.write(path, text)"],
    [/^(?:axios|got|https?|node-fetch|request|superagent|undici)$/, "await fetch(url), or await http.get(url)"],
    [/openai|anthropic|langchain|^ai$|ollama|generative-ai/, "await llm.chat(prompt)"],
    [/^crypto$/, "await crypto.hash(text), await crypto.uuid()"],
    [/^(?:uuid|nanoid)$/, "await crypto.uuid()"],
    [/^(?:process|readline|yargs|commander|minimist|inquirer|prompts)\b/, INPUT],
    [/^dotenv$/, "await env.get(name)"],
    [/^timers\b/, "setTimeout, and await sleep(seconds)"],
    [/^(?:yaml|js-yaml|papaparse|csv-parse|csv-parser|xml2js|toml)\b/, "await data.parse(text, 'yaml'), 'csv', 'xml' or 'toml'"],
    [/^(?:cheerio|jsdom)$/, GLOBALS.DOMParser],
    [/^(?:lodash|underscore|ramda)\b/, "core and data"],
    [/^(?:moment|dayjs|date-fns|luxon)\b/, "Date, and time"],
    [/^(?:zod|ajv|joi)$/, "await llm.structured(prompt, schema)"],
    [/^(?:assert|chai|jest|vitest|mocha)\b/, "testing"],
    [/^child_process$/, "a spell starts no programs"],
    [/^buffer$/, GLOBALS.Buffer],
    [/^url$/, "URL and URLSearchParams"],
    [/^path$/, "a path is text with / in it: [folder, name].join('/')"],
    [/^util$/, "structuredClone, TextEncoder, JSON.stringify"],
  ];
  const instead = cure => (cure === undefined ? "" : `; instead: ${cure}`);
  return {
    global: message => instead(GLOBALS[/^(\S+) is not defined$/.exec(message)?.[1] ?? ""]),
    module: name => instead(MODULES.find(([form]) => form.test(name.replace(/^node:/, "")))?.[1]),
  };
})()
