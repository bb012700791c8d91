(spawn (probe.echo (probe.echo 1)))
"main"
