local fire = {}
function fire.explode()
  error("boom")
end
return fire
