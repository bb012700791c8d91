-- ---
-- description: Greet somebody, showing the model's words as they come.
-- parameters:
--   name: {type: string, description: who is greeted, default: world}
-- ---

for chunk in llm.stream("Say hello to " .. params.name .. " in one sentence.") do
  io.write(chunk)
end
print()
