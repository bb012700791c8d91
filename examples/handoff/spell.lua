-- ---
-- description: Have one agent find out what a customer needs, and hand the conversation over to the right one.
-- parameters:
--   message:
--     type: string
--     description: what the customer writes
--     default: My teapot came in two pieces. I would like my money back, please. The order is A-17.
-- ---

local refund = {
  name = "refund",
  description = "Pay an order back",
  schema = {required = {"order"}, properties = {order = {type = "string", pattern = "^[A-Z]-[0-9]+$"}}},
  fn = function(args)
    return "30 euros for " .. args.order .. " are on their way"
  end,
}

local billing = agent.create{
  name = "billing",
  description = "pays back, and explains invoices",
  system = "You are the billing desk. Pay back what came broken.",
  tools = {refund},
}

local advice = agent.create{
  name = "advice",
  description = "knows everything about tea",
  system = "You know everything about tea.",
}

-- Only billing can pay back: the front desk has no tool but handing over.
local front = agent.create{
  name = "front",
  system = "You are the front desk. Hand over to whoever can help.",
  handoffs = {billing, advice},
}

local answer = front:run(params.message)
print(answer.agent .. ": " .. answer.text)
return answer.agent
