-- expect: denied | group: tamper | holds: changing the parameters changes no right
-- next: return params.open == nil
params.open = params.folder
rawset(_G, "params", { open = params.folder })
if pcall(fs.read, params.open .. "/secret") then return "ESCAPE" end
return "ok"
