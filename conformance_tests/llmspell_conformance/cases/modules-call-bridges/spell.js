return await require("ask")(params.x)
