-- ---
-- description: Let a model call functions of the spell, and built-in tools, to answer a question.
-- parameters:
--   question:
--     type: string
--     description: what the model is asked
--     default: What do three teapots cost, with 20 % off?
-- ---

local prices = {["green tea"] = 4.5, teapot = 30}

local price = {
  name = "price",
  description = "Tell what one of a product costs, in euros",
  schema = {
    required = {"product"},
    properties = {product = {type = "string", enum = {"green tea", "teapot"}}},
  },
  fn = function(args)
    return prices[args.product]
  end,
}

local clerk = agent.create{
  system = "You are the clerk of a tea shop. Look prices up, and compute with the calculator.",
  tools = {price, "calculator"},
  limits = {tool_calls = 10},
}

-- Each step is told as it happens.
local answer = clerk:stream(params.question, function(event)
  if event.type == "tool_result" then
    print(event.name .. " says " .. event.text)
  end
end)
return answer.text
