testing.it("keeps", function()
  testing.expect(params.first):matches_snapshot("it")
  testing.expect(params.second):matches_snapshot("it")
end)
local came = testing.run()[1]
return came.kind or came.status
