const model = await testing.fakeModel("hi")
return await model.requests()
