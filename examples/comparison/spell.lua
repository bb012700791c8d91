-- ---
-- description: Ask several models the same, at the same time, and see what each answer took.
-- permissions: ["llm:openai:*", "llm:anthropic:*", "llm:ollama:*"]
-- parameters:
--   question: {type: string, description: what all are asked, default: "Why is the sky blue?"}
--   models:
--     type: array
--     items: {type: string}
--     minItems: 2
--     description: whom to ask, each as provider:model
--     default: ["openai:gpt-4o-mini", "anthropic:claude-haiku-4-5", "ollama:llama3.2"]
-- ---

local answers = llm.compare_providers(params.question, params.models, {max_tokens = 100})

local told = {}
for _, answer in ipairs(answers) do
  if answer.ok then
    print(answer.model .. ": " .. answer.text)
    told[answer.model] = answer.usage.output_tokens
  else
    print(answer.model .. " failed: " .. answer.error.message)
  end
end
return told
