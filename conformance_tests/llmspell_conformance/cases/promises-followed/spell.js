try {
  const x = await require("ways")[params.how]()
  return ["value", x?.then ?? x]
} catch (error) { return ["error", error] }
