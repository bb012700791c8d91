testing.it("asks again when the model's data does not fit", async () => {
  const model = await testing.fakeModel([
    '{"customer": "Ada", "items": []}',
    '{"customer": "Ada", "items": [{"product": "tea", "quantity": 2}]}',
  ]);
  const order = await spell.run("./spell.js", { text: "Two teas, please. Ada" });
  testing.expect(order).equals({ customer: "Ada", urgent: false, items: [{ product: "tea", quantity: 2 }] });
  testing.expect((await model.requests())[1].prompt).contains("items");
});
