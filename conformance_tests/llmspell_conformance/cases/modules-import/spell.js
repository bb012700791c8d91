import { wrap } from "./lib/wrap.js"
export default wrap(params.x)
