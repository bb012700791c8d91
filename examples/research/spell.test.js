testing.it("reads the page that the model asks for", async () => {
  const get = await testing.fakeCall("http.get", ({ url }) => ({ ok: true, text: `The keeper is Ada. ${url}` }));
  await testing.fakeModel([
    { tool_calls: [{ name: "read_page", arguments: { path: "/index.html" } }] },
    "Ada keeps the light. Sources: /index.html, /index.html",
  ]);
  testing.expect(await spell.run("./spell.js", { site: "http://island.example" })).equals(["/index.html"]);
  testing.expect((await get.calls())[0].url).equals("http://island.example/index.html");
});
