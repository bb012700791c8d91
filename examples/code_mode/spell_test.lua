testing.it("begins no second llmspell unless that is granted", function()
  testing.expect(function() spell.run("./spell.lua") end):raises{kind = "denied", message = "mcp:llmspell"}
end)
