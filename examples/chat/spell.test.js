testing.it("says one thing after the other, and remembers them all", async () => {
  const model = await testing.fakeModel((said) => `You said: ${said}`);
  const run = await spell.run("./spell.js", { says: ["I am Ada.", "Who am I?"] }, { full: true });
  testing.expect(run.output).contains("model: You said: Who am I?");
  testing.expect(run.value).atLeast(4);
  testing.expect(await model.requests()).hasLength(2);
});
