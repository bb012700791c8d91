-- ---
-- description: Show an answer while it is written, and stop one that has said enough.
-- parameters:
--   topic: {type: string, description: what the model writes about, default: lighthouses}
--   words: {type: integer, minimum: 1, description: how much of the second answer is read, default: 6}
-- ---

-- A stream is a loop over pieces of text; its result is the whole answer.
local stream = llm.stream("Write a sentence about " .. params.topic)
for piece in stream do
  io.write(piece)
end
print()
local answer = stream:result()

-- With a callback the call returns when the answer ends; false ends it early, and the provider stops too.
local pieces = {}
local cut = llm.stream("Write a story about " .. params.topic, function(piece)
  table.insert(pieces, piece)
  return #pieces < params.words
end)
print(cut.text .. "...")

return {answer.finish_reason, cut.finish_reason}
