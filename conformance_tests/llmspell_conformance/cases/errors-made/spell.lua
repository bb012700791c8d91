local make = require("ways")[params.how]



-- The error is made below, and that is where it comes from.



local made = make and make() or errors.create("m")
error(made, 0)
