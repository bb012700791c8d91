return core.string[params.f](table.unpack(params.args))
