// ---
// description: Ask several agents at the same time, each with a mind of its own, and count their votes.
// parameters:
//   question: {type: string, description: what is to be decided, default: "Which tea shall we serve at the meeting?"}
//   choices:
//     type: array
//     items: {type: string}
//     minItems: 2
//     description: what can be voted for
//     default: [green, black, mint]
// ---

const minds = {
  ada: "You are a mathematician who likes what is simple.",
  basho: "You are a poet who likes what is fleeting.",
  curie: "You are a chemist who likes what can be measured.",
};

const ballot = {
  required: ["vote", "reason"],
  properties: { vote: { enum: params.choices }, reason: { type: "string" } },
};

const team = [];
for (const [name, system] of Object.entries(minds)) {
  team.push(await agent.create({ name, system, outputSchema: ballot }));
}

const together = await agent.collaborate(team, params.question, { mode: "parallel" });

const votes = {};
for (const part of together.results) {
  const vote = part.output.vote;
  console.log(`${part.agent} is for ${vote}: ${part.output.reason}`);
  votes[vote] = (votes[vote] ?? 0) + 1;
}
return votes;
