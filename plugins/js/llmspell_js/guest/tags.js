// What the tags of the wire stand for.

({
  __proto__: null,
  int: tag => BigInt(tag[1]),
  float: tag => (tag[1] === "nan" ? NaN : tag[1] === "inf" ? Infinity : tag[1] === "-inf" ? -Infinity : Number(tag[1])),
  bytes: tag => fromBase64(tag[1]),
  function: tag => functions.get(tag[1]),
  handle: tag => handleOf(tag[1], tag[2], tag[3]),
  error: tag => errorOf(raise(tag[1])),
  map: tag => {
    const made = {};
    for (const [key, value] of tag[1]) defineProperty(made, key, { value: raise(value), writable: true, enumerable: true, configurable: true });
    return made;
  },
})
