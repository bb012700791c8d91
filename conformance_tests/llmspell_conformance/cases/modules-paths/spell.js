return [require("beside"), require("inside"), require("deep/er")]
