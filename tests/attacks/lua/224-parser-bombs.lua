-- expect: harmless | group: stack | holds: sources that nest without end are refused by the parser
for _, s in ipairs({ "return " .. ("("):rep(100000), "return " .. ("{"):rep(100000), "return " .. ("-"):rep(100000) .. "1", "return " .. ("not "):rep(100000) .. "1",
  "x=" .. ("a.."):rep(100000) .. "a", ("do "):rep(100000), ("function f() "):rep(50000), "local a" .. (",a"):rep(300) .. "=1", "x=" .. ("[["):rep(10000),
  "return " .. ("a."):rep(100000) .. "b", ("if x then "):rep(50000), "a" .. ("[a"):rep(50000) }) do load(s) end
return "ok"
