/** Turns at a host: browsers open no more than six connections to one (HTTP/1.1). Pure. */

const LANES = 6;

export class Lanes {
  /** How many are taken, by host. @type {number[]} */
  #taken = [];
  /** Who waits for one, by host: the first to come is the first to go. @type {Turn[][]} */
  #waiting = [];

  /** @typedef {(mine: boolean) => void} Turn */

  /**
   * Wait for a lane.
   *
   * @param {number} host
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} false if it was aborted before
   */
  async enter(host, signal) {
    if (signal.aborted) return false;
    const taken = this.#taken[host] ?? 0;
    if (taken < LANES) {
      this.#taken[host] = taken + 1;
      return true;
    }
    return new Promise((/** @type {Turn} */ go) => {
      this.#waiting[host] ??= [];
      this.#waiting[host].push(go);
      signal.addEventListener("abort", () => {
        // Whoever has its turn already gives it back by itself.
        this.#waiting[host] = (this.#waiting[host] ?? []).filter((other) => other !== go);
        go(false);
      });
    });
  }

  /** Give a lane to whoever waits for it. @param {number} host */
  leave(host) {
    const next = this.#waiting[host]?.shift();
    if (next) next(true);
    else this.#taken[host] = (this.#taken[host] ?? 1) - 1;
  }

  /** @param {number} hosts  @returns {number[]} the host of each lane */
  static of(hosts) {
    return Array.from({ length: LANES * hosts }, (_, i) => i % hosts);
  }
}
