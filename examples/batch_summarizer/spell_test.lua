testing.it("writes a summary for each text, and goes on when one fails", function()
  testing.fake_call("fs.glob", {"in/bees.txt", "in/bread.txt"})
  testing.fake_call("fs.read", function(file) return "text of " .. file.path end)
  testing.fake_call("fs.mkdir")
  local write = testing.fake_call("fs.write")
  testing.fake_model(function(prompt)
    return prompt:find("bees") and "Bees dance." or {error = {reason = "refusal", message = "no bread"}}
  end)
  local run = spell.run("./spell.lua", {from = "in", to = "out"}, {full = true})
  testing.expect(run.value):equals({texts = 2, summaries = 1})
  testing.expect(run.output):contains("bread.txt failed")
  testing.expect(write:calls()[1]):includes{path = "out/bees.txt"}
end)
