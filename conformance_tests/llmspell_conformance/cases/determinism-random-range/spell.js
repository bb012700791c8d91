const numbers = Array.from({ length: params.count }, () => Math.random())
return {
  inside: numbers.filter((n) => n >= 0 && n < 1).length,
  repeated: numbers.length - new Set(numbers).size,
}
