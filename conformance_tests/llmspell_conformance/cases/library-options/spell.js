return await require("ways")[params.how]()
