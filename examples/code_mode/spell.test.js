testing.it("begins no second llmspell unless that is granted", async () => {
  await testing.expect(() => spell.run("./spell.js")).raises({ kind: "denied", message: "mcp:llmspell" });
});
