const make = require("ways")[params.how]



// The error is made below, and that is where it comes from.



const made = make?.() ?? errors.create("m")
throw made
