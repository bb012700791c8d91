testing.it("hands what is broken over to billing, which pays it back", async () => {
  await testing.fakeModel([
    { tool_calls: [{ name: "transfer_to_billing", arguments: { reason: "money back" } }] },
    { tool_calls: [{ name: "refund", arguments: { order: "B-2" } }] },
    (done) => `Good news: ${done}`,
  ]);
  const run = await spell.run("./spell.js", { message: "B-2 came broken." }, { full: true });
  testing.expect(run.value).equals("billing");
  testing.expect(run.output).contains("30 euros for B-2");
});
