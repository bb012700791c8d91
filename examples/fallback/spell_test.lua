testing.it("asks the next model when one fails or answers badly", function()
  local model = testing.fake_model{
    {error = {reason = "quota", message = "the month is used up"}},
    "No idea.",
    "A spell is a short script that makes models work.",
  }
  local run = spell.run("./spell.lua", {models = {"demo", "demo", "demo"}}, {full = true})
  testing.expect(run.output):contains("used up"):contains("too short to be of use"):contains("a short script")
  testing.expect(model:requests()):has_length(3)
end)
