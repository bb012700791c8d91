-- ---
-- description: Talk with a model that remembers what was said.
-- parameters:
--   says:
--     type: array
--     items: {type: string}
--     description: what you say, one after the other
--     default: ["My name is Ada.", "Which city do I live in? I told you nothing.", "And what is my name?"]
-- ---

local chat = llm.chat_session("You are a friendly guide. Answer in one sentence.")

for _, text in ipairs(params.says) do
  print("you:   " .. text)
  print("model: " .. chat:send(text))
end

return #chat:history()
