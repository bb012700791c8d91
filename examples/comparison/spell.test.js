testing.it("asks all models the same, and goes on when one fails", async () => {
  const model = await testing.fakeModel([{ error: "no such key" }, { text: "It is the air.", output_tokens: 4 }]);
  const run = await spell.run("./spell.js", { question: "Why?", models: ["demo", "demo"] }, { full: true });
  testing.expect(run.output).contains("failed: demo: no such key").contains("It is the air.");
  testing.expect(run.value).equals({ demo: 4 });
  testing.expect(await model.requests()).every((asked) => asked.prompt === "Why?");
});
