local ok = pcall(require, params.name)
return (ok and params.name ~= "io") and "found" or "refused"
