// expect: denied | group: border | holds: the edges of numbers come back as they went, or are refused
for (const v of [2 ** 53, -(2 ** 53), 2 ** 31, -0, 5e-324, 1.7976931348623157e308, 0.1, 4294967296])
  if (!Object.is(Number(await probe.echo(v)), v)) return "ESCAPE " + v;
for (const v of [2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n]) if (BigInt(await probe.echo(v)) !== v) return "ESCAPE " + v;
return "ok"
