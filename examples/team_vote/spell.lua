-- ---
-- description: Ask several agents at the same time, each with a mind of its own, and count their votes.
-- parameters:
--   question: {type: string, description: what is to be decided, default: "Which tea shall we serve at the meeting?"}
--   choices:
--     type: array
--     items: {type: string}
--     minItems: 2
--     description: what can be voted for
--     default: [green, black, mint]
-- ---

local minds = {
  ada = "You are a mathematician who likes what is simple.",
  basho = "You are a poet who likes what is fleeting.",
  curie = "You are a chemist who likes what can be measured.",
}

local ballot = {
  required = {"vote", "reason"},
  properties = {vote = {enum = params.choices}, reason = {type = "string"}},
}

local team = {}
for _, name in ipairs{"ada", "basho", "curie"} do
  table.insert(team, agent.create{name = name, system = minds[name], output_schema = ballot})
end

local together = agent.collaborate(team, params.question, {mode = "parallel"})

local votes = {}
for _, part in ipairs(together.results) do
  local vote = part.output.vote
  print(part.agent .. " is for " .. vote .. ": " .. part.output.reason)
  votes[vote] = (votes[vote] or 0) + 1
end
return votes
