print("a")
return {
  name = "a",
  names = function()
    return { "a", require("b").name, require("b").other() }
  end,
}
