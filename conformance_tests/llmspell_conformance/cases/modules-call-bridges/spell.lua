return require("ask")(params.x)
