testing.it("shows the model's words and nothing else", async () => {
  const model = await testing.fakeModel(["Hello, Ada!"]);
  const run = await spell.run("./spell.js", { name: "Ada" }, { full: true });
  testing.expect(run.output).equals("Hello, Ada!\n");
  testing.expect((await model.requests())[0].prompt).contains("Ada");
});
