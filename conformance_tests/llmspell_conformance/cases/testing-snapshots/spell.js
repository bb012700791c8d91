testing.it("keeps", async () => {
  await testing.expect(params.first).matchesSnapshot("it")
  await testing.expect(params.second).matchesSnapshot("it")
})
const [came] = await testing.run()
return came.kind ?? came.status
