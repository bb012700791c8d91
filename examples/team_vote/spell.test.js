testing.it("counts the votes", async () => {
  let count = 0;
  await testing.fakeModel(() => `{"vote": "${++count === 2 ? "tea" : "coffee"}", "reason": "it is warm"}`);
  testing.expect(await spell.run("./spell.js", { choices: ["tea", "coffee"] })).equals({ tea: 1, coffee: 2 });
});
