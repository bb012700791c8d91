testing.it("reads the page that the model asks for", function()
  local get = testing.fake_call("http.get", function(asked) return {ok = true, text = "The keeper is Ada. " .. asked.url} end)
  testing.fake_model{
    {tool_calls = {{name = "read_page", arguments = {path = "/index.html"}}}},
    "Ada keeps the light. Sources: /index.html, /index.html",
  }
  testing.expect(spell.run("./spell.lua", {site = "http://island.example"})):equals({"/index.html"})
  testing.expect(get:calls()[1].url):equals("http://island.example/index.html")
end)
