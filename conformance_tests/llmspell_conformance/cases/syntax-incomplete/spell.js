console.log("begun")
if (params.x) {
  console.log("inside")
