testing.it("shows the model's words and nothing else", function()
  local model = testing.fake_model{"Hello, Ada!"}
  local run = spell.run("./spell.lua", {name = "Ada"}, {full = true})
  testing.expect(run.output):equals("Hello, Ada!\n")
  testing.expect(model:requests()[1].prompt):contains("Ada")
end)
