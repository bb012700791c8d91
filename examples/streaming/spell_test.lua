testing.it("shows the whole of one answer, and stops the other", function()
  testing.fake_model{"A light at sea.", "Once there was a keeper who never slept at all."}
  local run = spell.run("./spell.lua", {words = 1}, {full = true})
  testing.expect(run.output):starts_with("A light at sea.\n"):ends_with("...\n")
  testing.expect(run.value):has_length(2)
end)
