exports.shout = (text) => text + "!"
