return require("outer")(params.x)
