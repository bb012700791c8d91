await testing.fakeCall(params.name, "faked")
return await probe.nameV2()
