function strike() {
  if (params.limit === "cpu") for (;;);
  for (let i = 0; i < 50; i++) sleep(60)
}
const value = await require("ways")[params.how](strike, () => "caught")
await sleep(0)
return value ?? "survived"
