console.log("before")
console.error(params.text)
console.log("after")
