return require("broken")
