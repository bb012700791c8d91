export { x } from "./slow.js"
