(try
  (begin (import params.name) "found")
  (catch e "refused"))
