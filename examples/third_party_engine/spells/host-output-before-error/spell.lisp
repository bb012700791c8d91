(print params.text)
(probe.fail "odd" "m")
