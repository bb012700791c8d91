return core.table[params.f](table.unpack(params.args))
