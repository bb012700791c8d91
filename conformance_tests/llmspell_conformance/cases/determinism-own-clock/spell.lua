probe.echo(os.time())
return os.time()
