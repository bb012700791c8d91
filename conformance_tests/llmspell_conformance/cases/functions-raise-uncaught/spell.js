function fail() {
  throw params.x
}
return await probe.call(fail)
