testing.it("shows the whole of one answer, and stops the other", async () => {
  await testing.fakeModel(["A light at sea.", "Once there was a keeper who never slept at all."]);
  const run = await spell.run("./spell.js", { words: 1 }, { full: true });
  testing.expect(run.output).startsWith("A light at sea.\n").endsWith("...\n");
  testing.expect(run.value).hasLength(2);
});
