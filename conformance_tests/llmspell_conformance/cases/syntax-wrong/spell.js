console.log("begun")
const = 5
console.log("ended")
