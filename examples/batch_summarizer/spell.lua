local files = fs.glob(params.from .. "/*.txt")

local prompts = {}
for i, file in ipairs(files) do
  prompts[i] = "Summarize this in one sentence:\n\n" .. fs.read(file)
end

-- One that fails does not stop the others: it is marked in its place.
local answers = llm.batch(prompts, {max_concurrent = 4})

fs.mkdir(params.to, {parents = true})
local written = 0
for i, answer in ipairs(answers) do
  local name = files[i]:match("[^/]+$")
  if answer.ok then
    fs.write(params.to .. "/" .. name, answer.text .. "\n")
    written = written + 1
  else
    print(name .. " failed: " .. answer.error.message)
  end
end

return {texts = #files, summaries = written}
