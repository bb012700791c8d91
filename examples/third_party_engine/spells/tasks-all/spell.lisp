(all (map (lambda (turn) (spawn (probe.later turn turn))) params.turns))
