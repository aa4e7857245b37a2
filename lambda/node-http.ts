/**
 * node:http for the bundle, in place of Node's own. Importing that as an ES module reads everything it exports,
 * and one of its getters loads Node's fetch: 15 ms of every cold start for nothing.
 */
const { Agent, request } = process.getBuiltinModule("node:http");

export { Agent, request };
