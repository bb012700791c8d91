try {
  await probe.fail(params.kind, "m", 1)
} catch (e) {
  throw { kind: "wrapped", message: "outer", cause: e }
}
