testing.it("looks prices up for the model", function()
  testing.fake_model{
    {tool_calls = {{name = "price", arguments = {product = "teapot"}}}},
    function(price) return "It costs " .. price .. " euros." end,
  }
  testing.expect(spell.run("./spell.lua", {question = "How much is a teapot?"})):equals("It costs 30 euros.")
end)
