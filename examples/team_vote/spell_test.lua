testing.it("counts the votes", function()
  local count = 0
  testing.fake_model(function()
    count = count + 1
    return '{"vote": "' .. (count == 2 and "tea" or "coffee") .. '", "reason": "it is warm"}'
  end)
  testing.expect(spell.run("./spell.lua", {choices = {"tea", "coffee"}})):equals({tea = 1, coffee = 2})
end)
