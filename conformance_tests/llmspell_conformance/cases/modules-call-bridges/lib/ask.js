module.exports = async (x) => [await probe.echo(x)]
