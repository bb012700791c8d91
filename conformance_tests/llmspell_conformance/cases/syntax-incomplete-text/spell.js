console.log("begun")
const text = `fire
