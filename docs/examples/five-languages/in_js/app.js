/** Implements the interface js of wit/chain.wit. */
export const js = { say: (text) => `${text} JavaScript` };
