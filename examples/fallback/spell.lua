-- ---
-- description: Ask one model, and when it fails, or answers badly, the next.
-- permissions: ["llm:openai:*", "llm:ollama:*"]
-- parameters:
--   question: {type: string, description: what is asked, default: "What is a spell?"}
--   models:
--     type: array
--     items: {type: string}
--     minItems: 1
--     description: whom to ask, in this order, each as provider:model
--     default: ["openai:gpt-4o-mini", "ollama:llama3.2", "demo"]
-- ---

local answer = llm.fallback_chain(params.models, params.question, {
  timeout = 20,
  check = function(text)
    return #text > 20 or "too short to be of use"
  end,
})

for _, failure in ipairs(answer.failures) do
  print("no: " .. failure.message)
end
print(answer.model .. ": " .. answer.text)

return answer.model
