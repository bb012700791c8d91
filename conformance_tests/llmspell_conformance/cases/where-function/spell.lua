local function inner()
  error("boom")
end
function outer()
  inner()
  return 1
end
return (outer())
