testing.it("asks again when the model's data does not fit", function()
  local model = testing.fake_model{
    '{"customer": "Ada", "items": []}',
    '{"customer": "Ada", "items": [{"product": "tea", "quantity": 2}]}',
  }
  local order = spell.run("./spell.lua", {text = "Two teas, please. Ada"})
  testing.expect(order):equals({customer = "Ada", urgent = false, items = {{product = "tea", quantity = 2}}})
  testing.expect(model:requests()[2].prompt):contains("items")
end)
