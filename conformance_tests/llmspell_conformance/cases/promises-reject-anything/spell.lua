return require("ways")[params.how]()
