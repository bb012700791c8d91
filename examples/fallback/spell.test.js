testing.it("asks the next model when one fails or answers badly", async () => {
  const model = await testing.fakeModel([
    { error: { reason: "quota", message: "the month is used up" } },
    "No idea.",
    "A spell is a short script that makes models work.",
  ]);
  const run = await spell.run("./spell.js", { models: ["demo", "demo", "demo"] }, { full: true });
  testing.expect(run.output).contains("used up").contains("too short to be of use").contains("a short script");
  testing.expect(await model.requests()).hasLength(3);
});
