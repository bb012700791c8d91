// ---
// description: Have an agent read the pages of a website, and answer with the pages it read.
// permissions: ["net:127.0.0.1:8000"]
// parameters:
//   question: {type: string, description: what to find out, default: "How did the light of Skerra come back?"}
//   site: {type: string, description: the website to read, default: "http://127.0.0.1:8000"}
// ---

const read = [];

const readPage = {
  name: "read_page",
  description: "Read a page of the website, by its path, as /index.html",
  schema: { required: ["path"], properties: { path: { type: "string", pattern: "^/" } } },
  fn: async (args) => {
    const page = await http.get(params.site + args.path);
    if (!page.ok) {
      throw new Error(`there is no page ${args.path}`);
    }
    read.push(args.path);
    return page.text;
  },
};

const researcher = await agent.research({
  topic: "what one website says",
  sources: 2,
  tools: [readPage],
  limits: { turns: 12, requests: 12 },
});

const answer = await researcher.run(`${params.question} Begin with /index.html.`);
console.log(answer.text);
return read;
