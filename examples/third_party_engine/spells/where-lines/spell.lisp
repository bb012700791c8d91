(when (= params.line 1) (throw "boom"))
(when (= params.line 2) (throw "boom"))

(when (= params.line 4) (throw "boom"))
(probe.echo 1)
(when (= params.line 6) (throw "boom"))
