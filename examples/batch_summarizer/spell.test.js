testing.it("writes a summary for each text, and goes on when one fails", async () => {
  await testing.fakeCall("fs.glob", ["in/bees.txt", "in/bread.txt"]);
  await testing.fakeCall("fs.read", ({ path }) => `text of ${path}`);
  await testing.fakeCall("fs.mkdir");
  const write = await testing.fakeCall("fs.write");
  await testing.fakeModel((prompt) =>
    prompt.includes("bees") ? "Bees dance." : { error: { reason: "refusal", message: "no bread" } });
  const run = await spell.run("./spell.js", { from: "in", to: "out" }, { full: true });
  testing.expect(run.value).equals({ texts: 2, summaries: 1 });
  testing.expect(run.output).contains("bread.txt failed");
  testing.expect((await write.calls())[0]).includes({ path: "out/bees.txt" });
});
