testing.it("asks all models the same, and goes on when one fails", function()
  local model = testing.fake_model{{error = "no such key"}, {text = "It is the air.", output_tokens = 4}}
  local run = spell.run("./spell.lua", {question = "Why?", models = {"demo", "demo"}}, {full = true})
  testing.expect(run.output):contains("failed: demo: no such key"):contains("It is the air.")
  testing.expect(run.value):equals({demo = 4})
  testing.expect(model:requests()):every(function(asked) return asked.prompt == "Why?" end)
end)
