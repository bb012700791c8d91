-- ---
-- description: Make data of a text, in the form that a JSON Schema says.
-- parameters:
--   text:
--     type: string
--     description: what somebody wrote
--     default: >-
--       Hi! I would like two boxes of the green tea and, hm, one teapot. Please send it to
--       Ada Lovelace, 12 St James's Square, London. It is rather urgent!
-- ---

local order = {
  type = "object",
  required = {"customer", "items"},
  properties = {
    customer = {type = "string"},
    urgent = {type = "boolean", default = false},
    items = {
      type = "array",
      minItems = 1,
      items = {
        type = "object",
        required = {"product", "quantity"},
        properties = {
          product = {type = "string"},
          quantity = {type = "integer", minimum = 1},
        },
      },
    },
  },
}

-- What is not quite JSON is mended; what does not fit is asked for again, with the paths of what is wrong.
return llm.structured("Which order is in this letter?\n\n" .. params.text, order, {retries = 2})
