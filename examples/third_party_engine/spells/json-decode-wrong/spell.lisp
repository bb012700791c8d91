(try
  (begin (json.decode params.text) "accepted")
  (catch e "refused"))
