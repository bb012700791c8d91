// ---
// description: Let a model solve a task by writing programs, each cast in a cage of its own.
// permissions: ["mcp:llmspell", "run:llmspell"]
// parameters:
//   task: {type: string, description: what is to be done, default: "How many prime numbers are there below 10,000?"}
// ---

// A second llmspell casts what the model writes. It grants no more than its words say here: no files, no network.
const workshop = await mcp.connect("llmspell", { args: ["mcp", "serve", "--code", "--cpu", "5"] });

const coder = await agent.create({
  system: "Solve the task with a program: look up what it can call, run it, and answer with what it returned.",
  tools: await workshop.register(),
});

const answer = await coder.stream(params.task, (event) => {
  if (event.name !== "llmspell_run_code") {
    return;
  }
  if (event.type === "tool_call") {
    console.log(`the model writes: ${event.arguments.source}`);
  } else {
    console.log(`and is told: ${event.text}`);
  }
});
return answer.text;
