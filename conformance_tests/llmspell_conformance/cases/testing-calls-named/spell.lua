testing.fake_call(params.name, "faked")
return probe.name_v2()
