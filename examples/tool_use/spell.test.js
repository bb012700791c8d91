testing.it("looks prices up for the model", async () => {
  await testing.fakeModel([
    { tool_calls: [{ name: "price", arguments: { product: "teapot" } }] },
    (price) => `It costs ${price} euros.`,
  ]);
  testing.expect(await spell.run("./spell.js", { question: "How much is a teapot?" })).equals("It costs 30 euros.");
});
